"""From a song to its notes, to a Standard MIDI File, and to what is true of it."""
import math
import re
import struct

from bands import BANDS, DRUMS

SECONDS = 30.0
TICKS = 480  # a quarter note
NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
QUALITIES = {"": ("maj", (0, 4, 7)), "m": ("min", (0, 3, 7)), "7": ("maj", (0, 4, 7, 10))}


def pitch_class(name):
    return (NAMES.index(name[0]) + {"": 0, "#": 1, "b": -1}[name[1:]]) % 12


def parse_chord(text):
    root, quality = re.fullmatch(r"([A-G][#b]?)(m|7|)", text).groups()
    return pitch_class(root), quality


def chord_label(chord):
    return f"{NAMES[chord[0]]}:{QUALITIES[chord[1]][0]}"


class Timeline:
    """Beats and bars in seconds; beat 0 is the first downbeat."""

    def __init__(self, song):
        self.song = song
        self.bars = math.ceil((SECONDS - song.lead_in) * song.bpm / 60 / song.metre) + 1

    def seconds(self, beat):
        return self.song.lead_in + beat * 60 / self.song.bpm

    def within(self, beats):
        return [round(t, 4) for t in map(self.seconds, beats) if t < SECONDS]

    def chords(self):
        """(first beat, beats, chord) to the end."""
        pattern = [[parse_chord(c) for c in bar.split()] for bar in self.song.chords.split("|")]
        out = []
        for bar in range(self.bars):
            chords = pattern[bar % len(pattern)]
            length = self.song.metre / len(chords)
            out += [(bar * self.song.metre + i * length, length, chord) for i, chord in enumerate(chords)]
        return out


def voicing(chord, low):
    """The chord's notes, upwards from the first root at or above `low`."""
    root = low + (chord[0] - low) % 12
    return [root + step for step in QUALITIES[chord[1]][1]]


def hits(pattern):
    """(step, character, steps to the next hit) of a pattern."""
    places = [i for i, c in enumerate(pattern) if c != "."]
    return [(at, pattern[at], (places[i + 1] if i + 1 < len(places) else len(pattern)) - at) for i, at in enumerate(places)]


def notes(song):
    """(channel, programme, first beat, beats, key, velocity) of everything played."""
    band, line = BANDS[song.band], Timeline(song)
    if not band.drums and not band.bass:
        return []
    out = []
    chords = line.chords()

    def chord_at(beat):
        return next(c for start, length, c in chords if start <= beat < start + length)

    for bar in range(line.bars):
        first = bar * song.metre
        for name, pattern in band.drums.items():
            if bar >= band.drums_from:
                out += [(9, 0, first + at / 4, 0.2, DRUMS[name], 112 if c == "X" else 78 if at % 4 == 0 else 62) for at, c, _ in hits(pattern)]
        if band.bass:
            for at, c, length in hits(band.bass[1]):
                root = voicing(chord_at(first + at / 4), 33)[0]
                out.append((0, band.bass[0], first + at / 4, length / 4 * 0.9, root + {"1": 0, "5": 7, "8": 12}[c], 104 if at == 0 else 90))
        if band.comp:
            for at, c, length in hits(band.comp[1]):
                chord = voicing(chord_at(first + at / 4), 55)
                keys = chord if c == "x" else [{"1": chord[0], "3": chord[1], "5": chord[2], "8": chord[0] + 12}[c]]
                out += [(1, band.comp[0], first + at / 4, length / 4 * 0.85, key, 82 if at == 0 else 70) for key in keys]
    if band.pad is not None:
        out += [(2, band.pad, start, length * 0.98, key, 52) for start, length, chord in chords for key in voicing(chord, 52)]
    if band.lead is not None:
        out += melody(song, band.lead, line)
    return out


def melody(song, programme, line):
    tonic, mode = song.key.split()
    base = 67 + (pitch_class(tonic) - 67) % 12 - 12 * (pitch_class(tonic) > 8 or pitch_class(tonic) < 5)
    bars = [[step.split(":") for step in bar.split()] for bar in song.melody.split("|")]
    out = []
    # The tune rests in the first two bars.
    for bar in range(2, line.bars):
        beat = bar * song.metre
        for degree, length in bars[(bar - 2) % len(bars)]:
            if degree != "-":
                octave, step = divmod(int(degree) - 1, 7)
                out.append((3, programme, beat, float(length) * 0.92, base + 12 * octave + SCALES[mode][step], 88))
            beat += float(length)
    return out


def midi(song):
    """A Standard MIDI File, format 0."""
    offset = round(song.lead_in * song.bpm / 60 * TICKS)
    events = [(0, 0, b"\xff\x51\x03" + struct.pack(">I", round(60e6 / song.bpm))[1:])]
    played = notes(song)
    for channel, programme in sorted({(n[0], n[1]) for n in played}):
        events.append((0, 1, bytes([0xC0 | channel, programme])))
        events.append((0, 1, bytes([0xB0 | channel, 91, 28])))  # a little reverberation
    for channel, _, beat, length, key, velocity in played:
        start = offset + round(beat * TICKS)
        events.append((start, 3, bytes([0x90 | channel, key, velocity])))
        events.append((max(start + 1, offset + round((beat + length) * TICKS)), 2, bytes([0x80 | channel, key, 0])))
    end = offset + Timeline(song).bars * song.metre * TICKS
    events = sorted(e for e in events if e[0] <= end) + [(end, 9, b"\xff\x2f\x00")]
    track, now = b"", 0
    for tick, _, data in events:
        track += variable_length(tick - now) + data
        now = tick
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS) + b"MTrk" + struct.pack(">I", len(track)) + track


def variable_length(value):
    out = bytes([value & 0x7F])
    while value := value >> 7:
        out = bytes([0x80 | value & 0x7F]) + out
    return out


def truth(song):
    """What an analysis should find; times in seconds. Chords and keys are spelt with sharps."""
    line = Timeline(song)
    if song.fault in ("audio.silent", "audio.no_stream", "audio.missing"):
        return {"tempo_bpm": None, "beats_per_bar": None, "key": None, "beats": [], "downbeats": [], "chords": []}
    tonic, mode = song.key.split()
    chords = [{"start": 0.0, "end": song.lead_in, "label": "N"}] if song.lead_in > 0 else []
    for start, length, chord in line.chords():
        begin, end = round(line.seconds(start), 4), round(min(line.seconds(start + length), SECONDS), 4)
        if begin >= SECONDS:
            break
        if chords and chords[-1]["label"] == chord_label(chord):
            chords[-1]["end"] = end
        else:
            chords.append({"start": begin, "end": end, "label": chord_label(chord)})
    return {
        "tempo_bpm": song.bpm, "beats_per_bar": song.metre, "key": f"{NAMES[pitch_class(tonic)]} {mode}",
        "beats": line.within(range(line.bars * song.metre)), "downbeats": line.within(range(0, line.bars * song.metre, song.metre)), "chords": chords,
    }
