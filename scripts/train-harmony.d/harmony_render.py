"""Renders training pieces, exports the analyzer's features of them, and keeps those with the truth; the sound is thrown away."""
import argparse, json, os, random, subprocess, sys
import mido
import numpy as np
import soundfile
from scipy.signal import lfilter
import harmony_pieces
from fluid_synthesizer import RATE, FluidSynthesizer

FONTS = ["/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2", "/usr/share/sounds/sf3/MuseScore_General_Lite.sf3"]


LOADED = {}


def synthesizer(font):
    if font not in LOADED:
        LOADED[font] = FluidSynthesizer(font)
    return LOADED[font]


def write_midi(piece, path, rng):
    """One track a voice; notes jittered by some milliseconds."""
    midi = mido.MidiFile(ticks_per_beat=960)
    jitter = rng.choice([0, 0.004, 0.008]) * piece.bpm / 60
    conductor = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=int(60e6 / piece.bpm))])
    midi.tracks.append(conductor)
    channels = [c for c in range(16) if c != 9]
    for index, (programme, notes) in enumerate(piece.voices):
        channel = 9 if programme < 0 else channels[index]
        events = []
        for note in notes:
            start = max(0.0, note.start + rng.gauss(0, jitter) if jitter else note.start)
            end = max(start + 0.05, note.end)
            events.append((round(start * 960), 1, note))
            events.append((round(end * 960), 0, note))
        track = mido.MidiTrack()
        if programme >= 0:
            track.append(mido.Message("program_change", channel=channel, program=programme))
        gain = 127 if programme < 0 else rng.randrange(80, 127)
        track.append(mido.Message("control_change", channel=channel, control=7, value=int(gain * (0.75 if programme < 0 else 1))))
        track.append(mido.Message("control_change", channel=channel, control=10, value=rng.randrange(30, 98)))
        now = 0
        for tick, on, note in sorted(events, key=lambda e: (e[0], e[1])):
            track.append(mido.Message("note_on" if on else "note_off", channel=channel, note=max(0, min(127, note.pitch)),
                                      velocity=note.velocity if on else 0, time=tick - now))
            now = tick
        midi.tracks.append(track)
    midi.save(path)


def effects(sound, rng):
    """Equalising, noise, tape, clipping, a second take from far away, mono; never all at once."""
    def chance(p): return rng.random() < p
    if chance(0.3):
        sound = sound.mean(1, keepdims=True)
    if chance(0.3):
        a = rng.uniform(0.1, 0.7) * rng.choice([-1, 1])
        sound = sound + a * (np.concatenate([sound[:1] * 0, sound[:-1]]) - (0 if a > 0 else sound))
    if chance(0.15):
        sound = lfilter([0.03], [1, -0.97], sound, axis=0) + 0.3 * sound
    level = np.abs(sound).max() + 1e-9
    if chance(0.2):
        sound = np.tanh(sound / level * rng.uniform(1, 4))
    elif chance(0.15):
        limit = rng.uniform(0.3, 0.8) * level
        sound = np.clip(sound, -limit, limit)
    if chance(0.15):
        delay = int(rng.uniform(0.02, 0.25) * RATE)
        echo = np.zeros_like(sound)
        echo[delay:] = sound[:-delay]
        sound = sound + rng.uniform(0.1, 0.4) * echo
    if chance(0.3):
        noise = np.random.default_rng(rng.randrange(2**32)).standard_normal(sound.shape)
        rms = np.sqrt((sound ** 2).mean()) + 1e-9
        sound = sound + noise * rms * 10 ** (-rng.uniform(18, 40) / 20)
    return sound / (np.abs(sound).max() + 1e-9) * rng.uniform(0.2, 0.98)


def render(piece, name, folder, rng):
    """Sound file and truth of a piece; → path of the sound."""
    midi, wave = f"{folder}/{name}.mid", f"{folder}/{name}.wav"
    write_midi(piece, midi, rng)
    sound = synthesizer(rng.choice(FONTS)).render(midi, 30.0, rng.random() < 0.4, rng.random() < 0.3)
    sound = effects(sound.astype(np.float64), rng)
    # Played a little fast or slow, it is a little sharp or flat.
    stretch = 2 ** (rng.choice([0, 0, rng.gauss(0, 15)]) / 1200)
    soundfile.write(wave, sound.astype(np.float32), round(RATE * stretch), subtype="PCM_16")
    seconds = 60 / piece.bpm / (round(RATE * stretch) / RATE)
    truth = {"name": name, "key": piece.key, "style": piece.style, "seconds_per_beat": seconds, "beats_per_bar": piece.beats_per_bar,
             "chords": [[round(c.start * seconds, 4), round(c.end * seconds, 4), -1 if c.root is None else c.root, c.quality] for c in piece.chords]}
    os.remove(midi)
    return wave, truth


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("midi", help="folder of POP909-CL's MIDI files")
    options.add_argument("out")
    options.add_argument("--leave-out", default="", help="song ids, separated by commas")
    options.add_argument("--rounds", type=int, default=2, help="excerpts of each song")
    options.add_argument("--mvfleet", default=".build/release", help="folder of mvfleet and mvfleet-features")
    options.add_argument("--first", type=int, default=0, help="the first round")
    options.add_argument("--only", default="", help="only pieces whose names begin so: c composed, f dance tunes, n without harmony")
    arguments = options.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    left_out = set(arguments.leave_out.split(","))
    songs = [s for s in sorted(f[:-4] for f in os.listdir(arguments.midi) if f.endswith(".mid")) if s not in left_out]
    for number in range(arguments.first, arguments.rounds):
        batch = []
        # Every third piece is composed, every third a dance tune; every fortieth has no harmony at all.
        for index, song in enumerate(songs):
            batch.append((f"{song}-{number}", lambda rng, song=song: harmony_pieces.excerpt(harmony_pieces.read_song(f"{arguments.midi}/{song}.mid"), rng)))
            if index % 3 == 0: batch.append((f"c{song}-{number}", harmony_pieces.compose))
            if index % 3 == 1: batch.append((f"f{song}-{number}", harmony_pieces.folk))
            if index % 40 == 0: batch.append((f"n{song}-{number}", harmony_pieces.without_harmony))
            batch = [piece for piece in batch if piece[0].startswith(arguments.only)]
            if len(batch) >= 24 or index == len(songs) - 1:
                render_batch(batch, arguments.out, arguments.mvfleet)
                batch = []


def render_batch(batch, out, mvfleet):
    truths = {}
    for name, make in batch:
        if os.path.exists(f"{out}/{name}.json"):
            continue
        rng = random.Random(f"harmony {name}")
        wave, truths[name] = render(make(rng), name, out, rng)
    if not truths:
        return
    waves = [f"{out}/{name}.wav" for name in truths]
    subprocess.run([f"{mvfleet}/mvfleet-features", "harmony", out, *waves], check=True)
    reports = subprocess.run([f"{mvfleet}/mvfleet", "analyze", "--jobs", "1", *waves], check=True, capture_output=True, text=True)
    for report in map(json.loads, reports.stdout.splitlines()):
        truth = truths[os.path.basename(report["clip"])[:-4]]
        truth["heard_beats"], truth["heard_downbeats"] = report["beats"], report["downbeats"]
    for name, truth in truths.items():
        with open(f"{out}/{name}.json", "w") as file: json.dump(truth, file)
        os.remove(f"{out}/{name}.wav")


if __name__ == "__main__":
    main()
