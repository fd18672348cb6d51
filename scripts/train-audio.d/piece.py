"""Pieces of music on a grid of beats: read from POP909-CL's MIDI."""
import dataclasses

import mido

from theory import PITCH_CLASSES, chord_of, pitch_class


@dataclasses.dataclass
class Piece:
    beats_per_bar: int
    compound: bool           # the beat divides into three
    beats: int               # length
    tempo: float             # natural, beats a minute
    key: str | None          # 'D# minor'
    chords: list             # (start beat, end beat, root or None, quality)
    melody: list             # (beat, length in beats, pitch, velocity)
    accompaniment: list      # the same; may be empty, then the arranger makes one
    first_downbeat: int = 0
    tags: tuple = ()


def notes_of(track):
    now, open_notes, result = 0, {}, []
    for message in track:
        now += message.time
        if message.type == 'note_on' and message.velocity > 0:
            open_notes.setdefault(message.note, []).append((now, message.velocity))
        elif message.type in ('note_off', 'note_on') and open_notes.get(message.note):
            start, velocity = open_notes[message.note].pop(0)
            result.append((start, now - start, message.note, velocity))
    return sorted(result)


def pop909(path, rng, bars=None, three=False):
    """An excerpt of a song, from a random bar. `three`: without each bar's last beat, which makes a waltz of it."""
    midi = mido.MidiFile(path)
    signatures = [(m.numerator, m.denominator) for t in midi.tracks for m in t if m.type == 'time_signature']
    keys = [m.key for t in midi.tracks for m in t if m.type == 'key_signature']
    if len(set(signatures)) != 1 or signatures[0][1] != 4:
        return None  # bars in eighths: whose beat is not sure
    per_bar = signatures[0][0]
    tick = float(midi.ticks_per_beat)
    tracks = [t for t in midi.tracks if any(m.type == 'note_on' for m in t)]
    score = [(s / tick, d / tick, p, v) for s, d, p, v in notes_of(tracks[0])]
    blocks = {}
    for s, d, p, v in notes_of(tracks[-1]):
        blocks.setdefault(s, []).append((d, p))
    chords = []
    for start, block in sorted(blocks.items()):
        found = chord_of([p for _, p in block])
        chords.append((start / tick, (start + max(d for d, _ in block)) / tick, *(found or (None, 'X'))))
    last = max(s + d for s, d, _, _ in score)
    total_bars = int(last / per_bar)
    bars = bars or 24
    first = int(rng.integers(0, max(1, total_bars - bars + 1))) * per_bar
    end = min(first + bars * per_bar, total_bars * per_bar)
    density = len(score) / last
    # The files' tempi are not the songs' own: slow where the beat is full of notes, as people write it.
    tempo = 76 * (5.3 / density) ** 0.8

    def moved(beat):
        beat -= first
        if not three:
            return beat
        bar, within = divmod(beat, 4)
        return bar * 3 + min(within, 3)

    if three and per_bar != 4:
        return None
    inside = [(moved(s), d, p, v) for s, d, p, v in score if first <= s < end and not (three and (s - first) % 4 >= 3)]
    kept = [(moved(max(s, first)), moved(min(e, end)), r, q) for s, e, r, q in chords if e > first and s < end]
    kept = [c for c in kept if c[1] > c[0] + 0.01]
    if len(inside) < 40:
        return None
    # The highest note of each moment is the melody.
    melody, rest = [], []
    for note in inside:
        higher = any(o is not note and o[2] > note[2] and o[0] < note[0] + 0.05 and o[0] + o[1] > note[0] + 0.05 for o in inside_near(inside, note[0]))
        (rest if higher or note[2] < 60 else melody).append(note)
    name = keys[0] if len(set(keys)) == 1 else None
    key = None
    if name:
        key = PITCH_CLASSES[pitch_class(name.rstrip('m'))] + (' minor' if name.endswith('m') else ' major')
    bar = 3 if three else per_bar
    return Piece(bar, False, (end - first) // per_bar * bar, tempo * (1.3 if three else 1), key, kept, melody, rest,
                 tags=('pop909cl',) + (('3/4',) if bar == 3 else ()))


def inside_near(notes, beat):
    return [n for n in notes if beat - 4 <= n[0] <= beat + 0.05]
