"""Music composed by program: progressions, tunes and figurations in 2/4, 3/4, 4/4 and 6/8."""
from piece import Piece
from theory import PITCH_CLASSES, TONES

MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
# degree -> quality; the minor dominant is major
TRIADS = {False: ['maj', 'min', 'min', 'maj', 'maj', 'min', 'dim'], True: ['min', 'dim', 'maj', 'min', 'maj', 'maj', 'maj']}
SEVENTHS = {False: ['maj7', 'min7', 'min7', 'maj7', '7', 'min7', 'hdim7'], True: ['min7', 'hdim7', 'maj7', 'min7', '7', 'maj7', '7']}
NEXT = {0: [3, 4, 5, 1, 2, 3, 4], 1: [4, 4, 6, 3], 2: [5, 3, 1], 3: [0, 4, 1, 0, 4], 4: [0, 0, 5, 3, 0], 5: [3, 1, 4, 2], 6: [0, 2, 0]}


def progression(rng, bars, beats_per_bar, tonic, minor, sevenths):
    """Chords over bars; phrases of four or eight bars begin on the tonic or near it and end on a cadence."""
    scale = MINOR if minor else MAJOR
    loop = []
    span = int(rng.choice([4, 8]))
    degree = int(rng.choice([0, 0, 0, 5, 3]))
    splits = rng.random() < 0.3 and beats_per_bar in (2, 4)
    slow = rng.random() < 0.15
    for bar in range(span):
        if bar == span - 1:
            degree = int(rng.choice([4, 0, 4]))
        if slow and bar % 2 and bar != span - 1:
            loop[-1][1] += beats_per_bar
            continue
        halves = [beats_per_bar / 2] * 2 if splits and rng.random() < 0.4 else [beats_per_bar]
        for length in halves:
            table = SEVENTHS if sevenths and rng.random() < 0.6 else TRIADS
            quality = table[minor][degree]
            if rng.random() < 0.04:
                quality = 'sus4'
            root = (tonic + scale[degree]) % 12
            loop.append([root, length, quality])
            degree = int(rng.choice(NEXT[degree]))
    chords, now = [], 0.0
    while now < bars * beats_per_bar:
        for root, length, quality in loop:
            chords.append((now, now + length, root, quality))
            now += length
    return chords


def chord_at(chords, beat):
    for chord in chords:
        if chord[0] <= beat < chord[1]:
            return chord
    return chords[-1]


def tune(rng, chords, bars, beats_per_bar, division, tonic, minor, density, syncopation, swing=0.0):
    """A melody: rhythms that repeat by the bar (AABA within four bars), chord tones on strong places, steps between."""
    scale = [(tonic + s) % 12 for s in (MINOR if minor else MAJOR)]
    slots = beats_per_bar * division

    def rhythm():
        onsets = []
        for slot in range(slots):
            on_beat = slot % division == 0
            half = division % 2 == 0 and slot % division == division // 2
            chance = density * (1.0 if on_beat else 0.75 if half else 0.55 if division == 3 else 0.4)
            if slot == 0:
                chance = max(chance, 0.8)
            if syncopation and on_beat and slot:
                chance *= 1 - 0.6 * syncopation
            elif syncopation and not on_beat:
                chance = min(1, chance * (1 + 0.6 * syncopation))
            if rng.random() < chance:
                onsets.append(slot)
        return onsets or [0]

    patterns = [rhythm() for _ in range(3)]
    order = [0, 1, 0, 2] if rng.random() < 0.6 else [0, 0, 1, 2]
    pitch = int(rng.integers(64, 76))
    notes = []
    for bar in range(bars):
        if rng.random() < 0.04:
            continue
        onsets = patterns[order[bar % 4]]
        for index, slot in enumerate(onsets):
            beat = bar * beats_per_bar + slot / division
            following = onsets[index + 1] if index + 1 < len(onsets) else slots
            length = (following - slot) / division * rng.uniform(0.7, 1.0)
            _, _, root, quality = chord_at(chords, beat)
            tones = {(root + t) % 12 for t in TONES[quality]}
            strong = slot % division == 0
            allowed = tones if strong and rng.random() < 0.8 else set(scale)
            step = int(rng.choice([-4, -3, -2, -1, 1, 2, 3, 4], p=[.06, .1, .17, .17, .17, .17, .1, .06]))
            target = pitch + step + (-1 if pitch > 79 else 1 if pitch < 62 else 0) * 2
            pitch = min((p for p in range(56, 88) if p % 12 in allowed), key=lambda p: (abs(p - target), p == pitch))
            accent = 12 if slot == 0 else 6 if strong else 0
            late = swing / division if division == 2 and slot % 2 else 0
            notes.append((beat + late, length, pitch, int(74 + accent + rng.integers(-8, 8))))
    return notes


def figuration(rng, chords, total, division, beats_per_bar):
    """Broken chords for both hands, as études and preludes have them."""
    shapes = {2: [[0, 2], [0, 1]], 3: [[0, 1, 2], [2, 1, 0], [0, 2, 1]], 4: [[0, 1, 2, 1], [0, 2, 1, 2], [0, 1, 2, 3], [3, 2, 1, 0], [2, 1, 0, 1]],
              6: [[0, 1, 2, 3, 2, 1], [0, 2, 1, 3, 2, 1]]}[division]
    shape, notes = shapes[rng.integers(len(shapes))], []
    centre = int(rng.integers(55, 72))
    for slot in range(int(total * division)):
        beat = slot / division
        _, _, root, quality = chord_at(chords, beat)
        tones = sorted(p for p in range(centre - 7, centre + 14) if (p - root) % 12 in TONES[quality])
        place = shape[slot % division] + (slot // division) % 2 * int(rng.random() < 0.3)
        if rng.random() < 0.03:
            continue
        notes.append((beat, 0.9 / division, tones[min(place, len(tones) - 1)], int(62 + (10 if slot % division == 0 else 0) + rng.integers(-6, 6))))
    return notes


def bass_and_chords(rng, chords, total, beats_per_bar, division):
    """A left hand: octaves, waltz, stride, blocks, Alberti."""
    kinds = {2: ['stride', 'blocks', 'alberti'], 3: ['waltz', 'waltz', 'blocks', 'alberti'], 4: ['blocks', 'stride', 'alberti', 'bars']}[beats_per_bar]
    kind, notes = rng.choice(kinds), []
    for beat in range(int(total)):
        _, _, root, quality = chord_at(chords, beat)
        low = 36 + (root - 36) % 12
        tones = [48 + (root + t - 48) % 12 for t in TONES[quality]]
        place = beat % beats_per_bar
        v = int(60 + (8 if place == 0 else 0) + rng.integers(-6, 6))
        if kind == 'waltz' or kind == 'stride':
            first = place == 0 or (kind == 'stride' and place % 2 == 0)
            if first:
                notes.append((beat, 0.9, low + (7 if place and rng.random() < 0.5 else 0), v + 6))
            else:
                notes += [(beat, 0.5, t, v - 6) for t in tones]
        elif kind == 'bars':
            if place == 0:
                notes += [(beat, beats_per_bar * 0.95, p, v) for p in [low] + tones]
        elif kind == 'blocks':
            notes += [(beat, 0.8, t, v) for t in tones] + ([(beat, beats_per_bar * 0.9, low, v + 6)] if place == 0 else [])
        else:
            order = [0, 2, 1, 2][:4] if division != 3 else [0, 1, 2]
            for index, tone in enumerate(order):
                notes.append((beat + index / len(order), 0.9 / len(order), tones[min(tone, len(tones) - 1)] if index else min(tones), v - (0 if index == 0 else 10)))
    return notes


def compose(rng, kind=None):
    kind = kind or rng.choice(['song', 'reel', 'jig', 'waltz', 'march', 'etude', 'rock', 'compound', 'dance', 'classical'],
                              p=[.12, .1, .1, .14, .06, .12, .12, .06, .08, .1])
    tonic, minor = int(rng.integers(12)), bool(rng.random() < 0.4)
    per_bar, division, compound, density, sync = 4, 2, False, 0.7, 0.0
    tempo = float(rng.uniform(70, 150))
    if kind == 'song':
        division, density, sync, tempo = int(rng.choice([2, 4])), float(rng.uniform(.4, .75)), float(rng.uniform(0, .9)), float(rng.uniform(62, 140))
        if division == 4:
            tempo = float(rng.uniform(58, 105))
    elif kind == 'reel':
        division, density, tempo = int(rng.choice([2, 4], p=[.7, .3])), 0.95, float(rng.uniform(95, 140))
        if division == 4:
            tempo = float(rng.uniform(80, 115))
    elif kind == 'jig':
        per_bar, division, compound, density, tempo = 2, 3, True, 0.95, float(rng.uniform(85, 135))
    elif kind == 'waltz':
        per_bar, division, density, tempo = 3, 2, float(rng.uniform(.4, .8)), float(rng.uniform(80, 190))
    elif kind == 'march':
        per_bar, density, tempo = 2, float(rng.uniform(.6, .9)), float(rng.uniform(85, 160))
    elif kind == 'etude':
        per_bar, division = int(rng.choice([2, 3, 4], p=[.2, .2, .6])), int(rng.choice([2, 3, 4, 6], p=[.15, .25, .5, .1]))
        tempo = float(rng.uniform(60, 175) if division in (3, 4) else rng.uniform(90, 180) if division == 2 else rng.uniform(50, 95))
    elif kind == 'rock':
        density, sync, tempo = 0.5, 0.4, float(rng.uniform(85, 185))
    elif kind == 'compound':
        per_bar, division, compound, density, tempo = int(rng.choice([2, 4])), 3, True, 0.6, float(rng.uniform(45, 90))
    elif kind == 'dance':
        density, sync, division, tempo = 0.5, 0.5, int(rng.choice([2, 4])), float(rng.uniform(108, 150))
    elif kind == 'classical':
        per_bar, division = int(rng.choice([2, 3, 4])), int(rng.choice([2, 4, 3], p=[.4, .45, .15]))
        density, tempo = float(rng.uniform(.5, .9)), float(rng.uniform(70, 165) if division < 4 else rng.uniform(55, 130))
    bars = int(34 * tempo / 60 / per_bar) + 3
    chords = progression(rng, bars, per_bar, tonic, minor, kind in ('song', 'dance') and rng.random() < 0.5)
    total = bars * per_bar
    if kind == 'etude':
        accompaniment = figuration(rng, chords, total, division, per_bar)
        melody = [] if rng.random() < 0.4 else tune(rng, chords, bars, per_bar, 1, tonic, minor, 0.5, 0)
        if rng.random() < 0.7:
            accompaniment += [(b, l * 0.9, 36 + (r - 36) % 12, 70) for b, e, r, q in chords for l in [e - b]]
    else:
        melody = tune(rng, chords, bars, per_bar, division, tonic, minor, density, sync, swing=0.3 if kind == 'reel' and rng.random() < 0.3 else 0.0)
        accompaniment = bass_and_chords(rng, chords, total, per_bar, division) if kind in ('classical', 'waltz', 'march', 'reel', 'jig') or rng.random() < 0.4 else []
    # Some excerpts begin inside a bar.
    key = PITCH_CLASSES[tonic] + (' minor' if minor else ' major')
    return Piece(per_bar, compound, total, tempo, key, chords, melody, accompaniment, tags=('composed', kind))
