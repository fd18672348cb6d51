"""From a song to its shots, and to the ffmpeg graph that draws them."""
import hashlib
from dataclasses import dataclass

from scenes import HEIGHT, RATE, SCENES, WIDTH
from score import SECONDS, Timeline

FRAMES = int(SECONDS * RATE)


@dataclass(frozen=True)
class Shot:
    scene: str
    palette: str
    index: int
    first: int
    frames: int
    bpm: float
    metre: int
    seed: int
    lyrics: str
    font: str


def shots(song, font):
    """Shots cut on the bar, to the nearest frame."""
    starts = [0]
    if song.cut:
        line = Timeline(song)
        bars = (song.cut * k for k in range(1, line.bars))
        starts += [round(t * RATE) for t in (line.seconds(bar * song.metre) for bar in bars) if t < SECONDS - 0.5]
    if len(song.shots) == 1:
        starts = [0]
    ends = starts[1:] + [FRAMES]
    out = []
    for index, (start, end) in enumerate(zip(starts, ends)):
        scene, palette = song.shots[index % len(song.shots)].split(":")
        seed = int.from_bytes(hashlib.sha256(f"{song.id} {index}".encode()).digest()[:3], "big")
        out.append(Shot(scene, palette, index, start, end - start, song.bpm, song.metre, seed, song.lyrics or "", font))
    return out


def graph(shots):
    """A filter graph without inputs whose output is [v]."""
    chains = [
        f"{SCENES[shot.scene](shot.palette, shot)},trim=end_frame={shot.frames},settb=1/{RATE},setpts=N,scale={WIDTH}:{HEIGHT},format=yuv420p,setsar=1[v{shot.index}]"
        for shot in shots
    ]
    joined = "".join(f"[v{shot.index}]" for shot in shots)
    return ";".join(chains) + f";{joined}concat=n={len(shots)}:v=1:a=0,settb=1/{RATE},setpts=N[v]"


def truth(song, shots):
    return {"static": song.still is not None, "kind": song.still or "moving", "cuts": [shot.first / RATE for shot in shots[1:]],
            "shots": [f"{shot.scene}:{shot.palette}" for shot in shots]}
