"""Chords, keys and scales as numbers: what the renderer and the composer share."""

PITCH_CLASSES = ['C', 'C#', 'D', 'D#', 'E', 'F', 'F#', 'G', 'G#', 'A', 'A#', 'B']
FLATS = {'Db': 'C#', 'Eb': 'D#', 'Gb': 'F#', 'Ab': 'G#', 'Bb': 'A#', 'Cb': 'B', 'Fb': 'E', 'E#': 'F', 'B#': 'C'}

# Harte quality -> pitch classes above the root; the order is the order of preference where several fit.
QUALITIES = [
    ('maj', (0, 4, 7)), ('min', (0, 3, 7)), ('min7', (0, 3, 7, 10)), ('maj7', (0, 4, 7, 11)), ('7', (0, 4, 7, 10)),
    ('sus4', (0, 5, 7)), ('sus2', (0, 2, 7)), ('dim', (0, 3, 6)), ('aug', (0, 4, 8)), ('hdim7', (0, 3, 6, 10)),
    ('dim7', (0, 3, 6, 9)), ('maj6', (0, 4, 7, 9)), ('min6', (0, 3, 7, 9)), ('minmaj7', (0, 3, 7, 11)),
    ('maj9', (0, 2, 4, 7, 11)), ('9', (0, 2, 4, 7, 10)), ('min9', (0, 2, 3, 7, 10)), ('sus4(b7)', (0, 5, 7, 10)),
    ('maj(9)', (0, 2, 4, 7)), ('min(9)', (0, 2, 3, 7)), ('5', (0, 7)),
]
TONES = dict(QUALITIES)
MAJMIN = {'maj': 'maj', 'min': 'min', 'min7': 'min', 'maj7': 'maj', '7': 'maj', 'maj6': 'maj', 'min6': 'min', 'minmaj7': 'min',
          'maj9': 'maj', '9': 'maj', 'min9': 'min', 'maj(9)': 'maj', 'min(9)': 'min'}


def pitch_class(name):
    return PITCH_CLASSES.index(FLATS.get(name, name))


def chord_of(pitches):
    """(root, quality) of simultaneous pitches, the lowest of which is the bass; None where nothing fits."""
    bass = min(pitches) % 12
    pcs = {p % 12 for p in pitches}
    best = None
    for root in pcs:
        for rank, (quality, tones) in enumerate(QUALITIES):
            want = {(root + t) % 12 for t in tones}
            missing, extra = len(want - pcs), len(pcs - want)
            cost = 3 * missing + 2 * extra + (0 if root == bass else 1.5) + 0.01 * rank
            if best is None or cost < best[0]:
                best = (cost, root, quality)
    return (best[1], best[2]) if best and best[0] < 5 else None


def labels(root, quality):
    """the scored label (maj, min or X) and the full one"""
    full = PITCH_CLASSES[root] + ':' + quality
    return (PITCH_CLASSES[root] + ':' + MAJMIN[quality] if quality in MAJMIN else 'X'), full
