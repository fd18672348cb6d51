"""Features and truth of training clips as arrays."""
import glob, json, os
import numpy as np
from harmony_music import NAMES, QUALITIES, pitch_class

FRAME_SECONDS = 2048 / 22050
NOTES, LOWEST = 76, 24
# Centres of the registers in MIDI notes: a note belongs to the two next to it, in proportion to its nearness.
REGISTERS = (36, 52, 68, 84)
CHANNELS = 12 * len(REGISTERS)
STATES = 12 * len(QUALITIES) + 1
NO_CHORD = STATES - 1
# What qualities are called in the truths of other renderings.
SYNONYMS = {"maj6": "maj", "min6": "min", "6": "maj", "dim7": "dim", "minmaj7": "min", "maj9": "maj7", "min9": "min7", "9": "7", "sus": "sus4", "7sus4": "sus4"}


def folding():
    """notes × channels, register-major."""
    result = np.zeros((NOTES, CHANNELS), np.float32)
    for index in range(NOTES):
        note = LOWEST + index
        weights = np.array([np.interp(note, REGISTERS, np.eye(len(REGISTERS))[r]) for r in range(len(REGISTERS))])
        for register, weight in enumerate(weights):
            result[index, 12 * register + note % 12] = weight
    return result


FOLDING = folding()


def register_chroma(strengths):
    """frames × 48 from note strengths: of about unit length, less where the clip is faint."""
    chroma = strengths.astype(np.float32) @ FOLDING
    norm = np.sqrt((chroma ** 2).sum(1, keepdims=True))
    return chroma / (norm + 0.25 * np.median(norm) + 1e-6)


def frame_states(chords, frames):
    """State index per frame; −1: not to be learnt."""
    states = np.full(frames, -1, np.int16)
    for start, end, root, quality in chords:
        first, last = int(np.ceil(start / FRAME_SECONDS)), int(np.ceil(end / FRAME_SECONDS))
        if quality == "N":
            states[first:last] = NO_CHORD
        elif quality in QUALITIES:
            states[first:last] = 12 * list(QUALITIES).index(quality) + root
    return states


def parse(label):
    """Harte label → root, quality."""
    if label in ("N", "X"):
        return -1, label
    root, _, quality = label.partition(":")
    quality = (quality or "maj").partition("/")[0]
    quality = SYNONYMS.get(quality, quality)
    return pitch_class(root), quality if quality in QUALITIES else "X"


class Clip:
    def __init__(self, path, truths):
        self.name = os.path.basename(path).removesuffix(".npy").removesuffix(".harmony")
        beside = f"{os.path.dirname(path)}/{self.name}.json"
        with open(beside if os.path.exists(beside) else f"{truths}/{self.name}.json") as file:
            truth = json.load(file)
        strengths = np.load(path)
        self.chroma = register_chroma(strengths).astype(np.float16)
        chords = truth.get("chords") or []
        if chords and isinstance(chords[0], dict):
            chords = [[c["start"], c["end"], *parse(c.get("full", c["label"]))] for c in chords]
        self.chords = chords
        self.states = frame_states(chords, len(self.chroma))
        self.key = None if not truth.get("key") else NAMES.index(truth["key"].split()[0]) + (12 if truth["key"].endswith("minor") else 0)
        self.beats = truth.get("heard_beats") or truth.get("beats") or []
        self.downbeats = truth.get("heard_downbeats") or truth.get("downbeats") or []
        self.style = truth.get("style") or ",".join(truth.get("tags", []))
        source = truth.get("source", "")
        # Clips of one song are kept in one fold.
        self.song = source[-3:] if source.startswith("POP909") else self.name.split("-")[0].lstrip("cfn") if not source else self.name


def load(folders, truths=""):
    clips = []
    for folder in folders:
        for path in sorted(glob.glob(folder + "/*.npy")):
            try:
                clip = Clip(path, truths)
            except FileNotFoundError:
                continue
            if len(clip.chroma) > 60:
                clips.append(clip)
    return clips
