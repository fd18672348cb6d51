"""Chords, keys and excerpts: what the training pieces for harmony are made of. Times in beats until a piece is rendered."""
from dataclasses import dataclass, field
import random

# Chord classes in the order of the network's outputs, with what each is reported as.
QUALITIES = {
    "maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "min7": (0, 3, 7, 10),
    "dim": (0, 3, 6), "hdim7": (0, 3, 6, 10), "aug": (0, 4, 8), "sus4": (0, 5, 7), "sus2": (0, 2, 7),
}
NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
FLATS = {"Db": 1, "Eb": 3, "Gb": 6, "Ab": 8, "Bb": 10, "Cb": 11}


@dataclass
class Chord:
    start: float
    end: float
    root: int | None          # pitch class; None: no chord
    quality: str              # of QUALITIES; "N": none; "X": not to be learnt
    bass: int | None = None   # pitch class


@dataclass
class Note:
    start: float
    end: float
    pitch: int
    velocity: int


@dataclass
class Piece:
    """Voices over a harmony: (programme, notes) each, programme -1 for drums."""
    chords: list
    key: str | None
    beats: float
    beats_per_bar: int
    bpm: float
    voices: list = field(default_factory=list)
    style: str = ""


def pitch_class(name):
    return FLATS[name] if name in FLATS else NAMES.index(name)


def key_name(signature, transposition):
    """'Ebm' up two semitones → 'F minor'."""
    minor = signature.endswith("m")
    tonic = pitch_class(signature[:-1] if minor else signature)
    return NAMES[(tonic + transposition) % 12] + (" minor" if minor else " major")


def recognise(pitches):
    """Root and quality of simultaneous notes, the lowest the bass; ('X') where the notes are no chord of the vocabulary."""
    bass = min(pitches) % 12
    classes = {p % 12 for p in pitches}
    # A sixth chord has the notes of a seventh chord on another root: the root is looked for in the bass first.
    for root in [bass] + sorted(classes - {bass}):
        intervals = tuple(sorted((p - root) % 12 for p in classes))
        for quality, wanted in QUALITIES.items():
            if intervals == wanted and (root == bass or quality not in ("sus4", "sus2", "aug")):
                return root, quality, bass
        sixth = {(0, 4, 7, 9): "maj", (0, 3, 7, 9): "min", (0, 3, 6, 9): "dim", (0, 2, 4, 7): "maj", (0, 2, 3, 7): "min",
                 (0, 4): "maj", (0, 3): "min", (0, 4, 10): "7", (0, 3, 10): "min7", (0, 4, 11): "maj7",
                 (0, 2, 4, 7, 10): "7", (0, 2, 4, 7, 11): "maj7", (0, 2, 3, 7, 10): "min7"}
        if root == bass and intervals in sixth:
            return root, sixth[intervals], bass
    return None, "X", bass


def voicing(chord, low, rng):
    """Notes of a chord in close position, the lowest at or above `low`."""
    if chord.root is None:
        return []
    notes = sorted(low + (chord.root + i - low) % 12 for i in QUALITIES[chord.quality])
    for _ in range(rng.randrange(3)):
        notes.append(notes.pop(0) + 12)
    return notes


def accompaniment(chords, beats, bar, rng, low=50):
    """One groove all through: blocks, arpeggio, strum, oom-pah, off-beats, Alberti bass."""
    groove = rng.choice(["block", "arpeggio", "strum", "oompah", "offbeat", "alberti", "long", "comp"])
    notes = []
    for chord in chords:
        pitches = voicing(chord, low + rng.choice([-3, 0, 0, 4, 8]), rng)
        if not pitches:
            continue
        velocity = rng.randrange(50, 90)
        t = chord.start
        if groove == "long":
            notes += [Note(chord.start, chord.end, p, velocity) for p in pitches]
            continue
        step = {"block": 1, "strum": 0.5, "comp": 1.5}.get(groove, 0.5)
        index = 0
        while t < chord.end - 1e-6:
            end = min(t + step, chord.end)
            if groove in ("arpeggio", "alberti"):
                order = [0, 2, 1, 2] if groove == "alberti" else list(range(len(pitches))) + list(range(len(pitches) - 2, 0, -1))
                notes.append(Note(t, min(t + step * rng.choice([1, 2]), chord.end), pitches[order[index % len(order)] % len(pitches)], velocity))
            elif groove == "oompah":
                if round(t) == t and int(t) % bar:
                    notes += [Note(t, t + 0.5, p, velocity) for p in pitches]
            elif groove == "offbeat":
                if round(t) != t:
                    notes += [Note(t, t + 0.4, p, velocity) for p in pitches]
            else:
                gap = 0.02 if groove == "strum" else 0.0
                notes += [Note(t + gap * i, end - 0.05, p, max(20, velocity - 15 * (index % 2))) for i, p in enumerate(pitches)]
            index += 1
            t += step
    return notes


def bass_line(chords, bar, rng):
    """Roots (or the chord's own bass), fifths, octaves, walking steps."""
    manner = rng.choice(["long", "beat", "eighths", "fifths", "octaves", "walk", "syncopated"])
    low = rng.choice([28, 31, 33, 36])
    notes = []
    for chord in chords:
        if chord.root is None:
            continue
        bass = low + ((chord.bass if chord.bass is not None else chord.root) - low) % 12
        tones = [low + (chord.root + i - low) % 12 for i in QUALITIES[chord.quality]]
        velocity = rng.randrange(70, 110)
        step = {"long": chord.end - chord.start, "eighths": 0.5, "octaves": 0.5, "syncopated": 1.5}.get(manner, 1)
        t, index = chord.start, 0
        while t < chord.end - 1e-6:
            end = min(t + step, chord.end)
            pitch = bass
            if index and manner == "fifths" and index % 2:
                pitch = tones[2]
            elif index and manner == "octaves" and index % 2:
                pitch = bass + 12
            elif index and manner == "walk":
                pitch = rng.choice(tones + [bass + 2, bass - 1, bass + 5])
            notes.append(Note(t, end - 0.05 * step, pitch, velocity))
            index += 1
            t += step
    return notes


def drums(beats, bar, rng, start=0.0):
    """A pattern of kick, snare, hats, varied now and then."""
    manner = rng.choice(["rock", "four", "half", "ballad", "latin", "shuffle"])
    notes = []
    t = start
    while t < beats:
        place = t % bar
        on = abs(place - round(place)) < 1e-6
        hits = [42 if manner != "latin" else 70]
        if manner == "four" and on:
            hits.append(36)
        elif manner in ("rock", "latin") and (place in (0, 2) or (place == 2.5 and rng.random() < 0.5)):
            hits.append(36)
        elif manner in ("half", "ballad", "shuffle") and place == 0:
            hits.append(36)
        if (manner == "half" and place == 2) or (manner != "half" and on and place in ((1, 3) if bar != 3 else (1, 2))):
            hits.append(rng.choice([38, 38, 40]))
        if place == 0 and rng.random() < 0.1:
            hits.append(49)
        for hit in hits:
            notes.append(Note(t, t + 0.2, hit, rng.randrange(60, 115)))
        t += 0.5
    return notes


def melody(chords, scale, rng, low=64):
    """A line of chord tones on the beats and steps between them."""
    ladder = [p for p in range(low - 5, low + 16) if p % 12 in scale]
    notes, previous = [], rng.choice(ladder)
    for chord in chords:
        if chord.root is None:
            continue
        tones = {(chord.root + i) % 12 for i in QUALITIES[chord.quality]}
        t = chord.start
        while t < chord.end - 1e-6:
            length = rng.choice([0.5, 0.5, 0.5, 1, 1, 1.5, 0.25])
            near = [p for p in range(previous - 6, previous + 7) if low - 6 <= p <= low + 17]
            on = abs(t - round(t)) < 1e-6
            if on and rng.random() < 0.8:
                choice = [p for p in near if p % 12 in tones]
            else:
                choice = [p for p in near if p in ladder and abs(p - previous) <= 2]
            previous = rng.choice(choice or [p for p in near if p % 12 in scale] or ladder)
            end = min(t + length, chord.end)
            if rng.random() < 0.9:
                notes.append(Note(t, end - 0.02, previous, rng.randrange(70, 115)))
            t = end
    return notes
