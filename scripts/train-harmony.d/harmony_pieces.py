"""Training pieces: excerpts of POP909-CL in other dress, and pieces of our own composing."""
import random
import mido
from harmony_music import (Chord, Note, Piece, NAMES, QUALITIES, accompaniment, bass_line, drums, key_name, melody, pitch_class, recognise)

SECONDS = 31.0
PIANOS = [0, 0, 0, 1, 2, 3, 4, 5]
CHORDAL = [0, 2, 4, 5, 6, 11, 16, 17, 19, 21, 24, 25, 26, 27, 28, 46, 48, 50, 88, 89, 90]
LEADS = [40, 41, 52, 53, 54, 56, 59, 64, 65, 66, 68, 71, 72, 73, 74, 75, 79, 80, 81, 82, 85, 22, 105, 110, 26, 29, 11, 12, 46]
BASSES = [32, 33, 34, 35, 36, 38, 39, 43, 58]
PADS = [48, 49, 50, 51, 52, 88, 89, 90, 91, 92, 93, 94, 95, 18, 19]


def read_song(path):
    """Notes, chords (beats) and key changes [(beat, signature)] of one POP909-CL file, and its beats a bar."""
    midi = mido.MidiFile(path)
    tracks = []
    keys, bar = [], 4
    for track in midi.tracks:
        time, sounding, notes = 0, {}, []
        for message in track:
            time += message.time
            beat = time / midi.ticks_per_beat
            if message.type == "key_signature":
                keys.append((beat, message.key))
            elif message.type == "time_signature":
                bar = message.numerator if message.denominator == 4 else max(2, message.numerator // 3)
            elif message.type == "note_on" and message.velocity:
                sounding[message.note] = (beat, message.velocity)
            elif message.type in ("note_on", "note_off") and message.note in sounding:
                start, velocity = sounding.pop(message.note)
                notes.append(Note(start, beat, message.note, velocity))
        if notes:
            tracks.append(notes)
    blocks = {}
    for note in tracks[-1]:
        blocks.setdefault((round(note.start, 3), round(note.end, 3)), []).append(note.pitch)
    chords, last = [], 0.0
    for (start, end), pitches in sorted(blocks.items()):
        if start > last + 1e-3:
            chords.append(Chord(last, start, None, "N"))
        root, quality, bass = recognise(pitches)
        chords.append(Chord(max(start, last), end, root, quality, bass))
        last = max(last, end)
    return tracks[0], chords, sorted(keys), bar


def excerpt(song, rng):
    """About half a minute of a song, transposed and dressed by chance."""
    notes, chords, keys, bar = song
    bpm = min(180.0, max(50.0, rng.gauss(95, 24)))
    length = SECONDS * bpm / 60
    end = max(c.end for c in chords)
    first = float(int(rng.uniform(0, max(0, end - length - 1))))
    if rng.random() < 0.12:
        first = 0.0
    shift = rng.randrange(-6, 6)
    inside = []
    for chord in chords:
        start, stop = max(chord.start, first) - first, min(chord.end, first + length) - first
        if stop > start:
            move = lambda p: None if p is None else (p + shift) % 12
            inside.append(Chord(start, stop, move(chord.root), chord.quality, move(chord.bass)))
    score = [Note(n.start - first, min(n.end - first, length), n.pitch + shift, n.velocity)
             for n in notes if first <= n.start < first + length and 12 <= n.pitch + shift <= 110]
    spans = {}
    for index, (beat, signature) in enumerate(keys):
        until = keys[index + 1][0] if index + 1 < len(keys) else end
        begin = beat if index else 0
        spans[signature] = spans.get(signature, 0) + max(0, min(until, first + length) - max(begin, first))
    key = None
    if spans and max(spans.values()) >= 0.85 * length:
        key = key_name(max(spans, key=spans.get), shift)
    # Where there is neither chord nor note there is none; where notes sound without a chord, nobody knows.
    for chord in inside:
        if chord.quality == "N" and sum(1 for n in score if chord.start <= n.start < chord.end - 0.1) > 2 * (chord.end - chord.start) * 0.5:
            chord.quality = "X"
    piece = Piece(inside, key, length, bar, bpm)
    dress(piece, score, rng)
    return piece


def dress(piece, score, rng):
    """Programmes, drums, bass and pads around a piano score."""
    style = rng.choices(["piano", "duo", "band", "electro", "cover"], [0.22, 0.18, 0.25, 0.15, 0.2])[0]
    piece.style = style
    harmony = [c for c in piece.chords if c.quality in QUALITIES]
    if style == "piano":
        piece.voices = [(rng.choice(PIANOS), score)]
        return
    top, rest = skyline(score)
    lead = rng.choice(LEADS)
    if style == "duo":
        piece.voices = [(lead, loud(top, 1.1)), (rng.choice(CHORDAL), rest)]
        return
    bass = (rng.choice(BASSES), bass_line(harmony, piece.beats_per_bar, rng))
    beat = (-1, drums(piece.beats, piece.beats_per_bar, rng))
    if style == "cover":
        piece.voices = [(lead, loud(top, 1.1)), (rng.choice(CHORDAL), accompaniment(harmony, piece.beats, piece.beats_per_bar, rng))]
        if rng.random() < 0.8: piece.voices.append(bass)
        if rng.random() < 0.6: piece.voices.append(beat)
        return
    piece.voices = [(lead if rng.random() < 0.7 else 0, top), (rng.choice(CHORDAL if style == "band" else PADS + [81, 38, 62]), rest)]
    if rng.random() < 0.85: piece.voices.append(bass)
    if rng.random() < 0.9: piece.voices.append(beat)
    if rng.random() < 0.5:
        piece.voices.append((rng.choice(PADS), [Note(c.start, c.end, 48 + (c.root + i) % 12, 50) for c in harmony for i in QUALITIES[c.quality]]))


def loud(notes, factor):
    return [Note(n.start, n.end, n.pitch, min(127, int(n.velocity * factor))) for n in notes]


def skyline(notes):
    """The highest sounding line above middle C, and the rest."""
    top, rest, until, pitch = [], [], -1.0, 0
    for note in sorted(notes, key=lambda n: (round(n.start, 2), -n.pitch)):
        if note.pitch >= 60 and (note.start >= until - 0.05 or note.pitch > pitch):
            top.append(note)
            until, pitch = note.end, note.pitch
        else:
            rest.append(note)
    return top, rest


# Degrees (semitones above the tonic, quality) and where each may go on.
MAJOR = [(0, "maj"), (2, "min"), (4, "min"), (5, "maj"), (7, "maj"), (9, "min"), (11, "dim"), (10, "maj"), (2, "7"), (4, "7"), (8, "maj"), (5, "min"), (9, "7"), (0, "7")]
MAJOR_WEIGHTS = [6, 2.4, 1.2, 4.5, 5, 3, 0.3, 0.8, 0.4, 0.3, 0.25, 0.3, 0.3, 0.3]
MINOR = [(0, "min"), (2, "dim"), (3, "maj"), (5, "min"), (7, "maj"), (7, "min"), (8, "maj"), (10, "maj"), (5, "maj"), (11, "dim"), (0, "7"), (2, "hdim7")]
MINOR_WEIGHTS = [6, 0.4, 2.6, 3, 3, 1.5, 3, 3, 0.5, 0.3, 0.2, 0.3]
FIFTH_FALL = 2.0


def coloured(quality, rng, richness):
    """Now and then a seventh, a suspension."""
    if rng.random() > richness:
        return quality
    choices = {"maj": ["7", "maj7", "maj7", "sus4", "sus2"], "min": ["min7", "min7", "min7", "sus4"], "dim": ["hdim7"], "7": ["7"], "hdim7": ["hdim7"]}
    return rng.choice(choices[quality])


def compose(rng):
    """A piece from nothing: progression, melody, groove. Loops of four chords as in songs, or free progressions that cadence."""
    tonic, minor = rng.randrange(12), rng.random() < 0.4
    degrees, weights = (MINOR, MINOR_WEIGHTS) if minor else (MAJOR, MAJOR_WEIGHTS)
    bar = rng.choices([4, 3, 2], [0.7, 0.2, 0.1])[0]
    bpm = rng.uniform(60, 170)
    beats = SECONDS * bpm / 60
    richness = rng.choice([0.0, 0.05, 0.15, 0.4, 0.8])
    each = rng.choice([bar, bar, bar / 2 if bar == 4 else bar, 2 * bar])
    loop = [rng.choices(degrees, weights)[0] for _ in range(rng.choice([4, 4, 8]))] if rng.random() < 0.5 else None
    chords, t, index = [], 0.0, 0
    previous = degrees[0]
    if rng.random() < 0.15:
        t = float(bar * rng.choice([1, 2]))
        chords.append(Chord(0, t, None, "N"))
    while t < beats:
        if loop:
            degree = loop[index % len(loop)]
        else:
            bias = [w * (FIFTH_FALL if (previous[0] - d[0]) % 12 == 7 else 1) * (0.3 if d == previous else 1) for d, w in zip(degrees, weights)]
            degree = degrees[0] if index == 0 or t + each >= beats else rng.choices(degrees, bias)[0]
        root, quality = (tonic + degree[0]) % 12, coloured(degree[1], rng, richness)
        inversion = rng.random() < 0.12
        bass = (root + QUALITIES[quality][1 if rng.random() < 0.6 else 2]) % 12 if inversion else root
        end = min(t + each, beats)
        chords.append(Chord(t, end, root, quality, bass))
        previous, t, index = degree, end, index + 1
    scale = {(tonic + i) % 12 for i in ((0, 2, 3, 5, 7, 8, 10, 11) if minor else (0, 2, 4, 5, 7, 9, 11))}
    piece = Piece(chords, NAMES[tonic] + (" minor" if minor else " major"), beats, bar, bpm, style="composed")
    if loop and loop[0] != degrees[0] and degrees[0] not in loop:
        piece.key = None
    voices = [(rng.choice(CHORDAL), accompaniment(chords, beats, bar, rng))]
    if rng.random() < 0.12:
        # Distorted guitars play fifths: the mode is the melody's and the bass's to tell.
        guitar = rng.choice([29, 30])
        voices = [(guitar, [Note(c.start + i * 0.5, c.start + i * 0.5 + 0.45, p, 100) for c in chords if c.root is not None
                            for i in range(int((c.end - c.start) * 2)) for p in (40 + (c.root - 4) % 12, 47 + (c.root - 4) % 12)])]
        voices.append((rng.choice(CHORDAL), accompaniment(chords, beats, bar, rng)))
    if rng.random() < 0.85: voices.append((rng.choice(LEADS + [0, 0, 24, 25]), melody(chords, scale, rng, rng.choice([60, 64, 69, 72]))))
    if rng.random() < 0.75: voices.append((rng.choice(BASSES), bass_line(chords, bar, rng)))
    if rng.random() < 0.55: voices.append((-1, drums(beats, bar, rng)))
    piece.voices = voices
    return piece


def folk(rng):
    """A dance tune: eight-bar parts, each played twice, chords that change by the half bar or the beat, a cadence at each part's end."""
    tonic, minor = rng.randrange(12), rng.random() < 0.3
    bar = rng.choices([4, 3, 2], [0.5, 0.2, 0.3])[0]
    bpm = rng.uniform(80, 190)
    degrees = [(0, "min"), (10, "maj"), (3, "maj"), (5, "min"), (7, "min"), (7, "maj")] if minor else [(0, "maj"), (5, "maj"), (7, "maj"), (7, "7"), (9, "min"), (2, "min"), (2, "maj")]
    weights = [6, 3, 1.5, 2, 1, 1.5] if minor else [7, 3, 4, 1.5, 1.2, 1.2, 0.4]
    half = bar / 2 if bar != 3 else 1.0
    parts = []
    for _ in range(2):
        chords, t = [], 0.0
        while t < 8 * bar:
            length = rng.choice([half, half, bar, 1.0, 2.0 * bar if t % bar == 0 else half])
            length = min(length, 8 * bar - t)
            degree = degrees[0] if t == 0 and rng.random() < 0.8 else rng.choices(degrees, weights)[0]
            if t + length >= 8 * bar: degree = degrees[0]
            elif t + length >= 8 * bar - bar: degree = rng.choice([d for d in degrees if d[0] == 7])
            chords.append((t, t + length, (tonic + degree[0]) % 12, degree[1]))
            t += length
        parts.append(chords)
    beats = SECONDS * bpm / 60
    start, index, chords = -float(rng.choice([0, 0, bar, 4 * bar, 6 * bar])), 0, []
    while start < beats:
        for a, b, root, quality in parts[index // 2 % 2]:
            a, b = max(0.0, a + start), min(beats, b + start)
            if b > a:
                chords.append(Chord(a, b, root, quality, root))
        start += 8 * bar
        index += 1
    scale = {(tonic + i) % 12 for i in ((0, 2, 3, 5, 7, 8, 10) if minor else (0, 2, 4, 5, 7, 9, 11))}
    piece = Piece(chords, NAMES[tonic] + (" minor" if minor else " major"), beats, bar, bpm, style="folk")
    piece.voices = [(rng.choice([0, 21, 22, 24, 25, 25, 46, 105]), accompaniment(chords, beats, bar, rng)),
                    (rng.choice([40, 40, 72, 73, 74, 75, 21, 22, 105, 109, 110, 65]), melody(chords, scale, rng, rng.choice([64, 67, 69])))]
    if rng.random() < 0.6: piece.voices.append((rng.choice([32, 33, 43]), bass_line(chords, bar, rng)))
    if rng.random() < 0.3: piece.voices.append((-1, drums(beats, bar, rng)))
    return piece


def without_harmony(rng):
    """Drums alone, with a silence: what has rhythm and no chord."""
    bpm = rng.uniform(70, 160)
    beats = SECONDS * bpm / 60
    piece = Piece([Chord(0, beats, None, "N")], None, beats, 4, bpm, style="drums")
    piece.voices = [(-1, drums(beats, 4, rng)), (-1, drums(beats, 4, rng, start=rng.choice([0.25, 8])))]
    return piece
