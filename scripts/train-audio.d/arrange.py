"""Who plays what: a piece becomes parts on General MIDI programs, with drums and bass, and its beats become seconds."""
import numpy as np

from theory import TONES
from compose import chord_at

KICK, SNARE, CLAP, HAT, OPEN, RIDE, CRASH, TOM, SHAKER, SIDE, TAMB, CONGA = 36, 38, 39, 42, 46, 51, 49, 45, 70, 37, 54, 63

# One bar each; x = hit, - = rest; a string's length is the number of steps in the bar.
GROOVES = {
    4: [
        {KICK: 'x---x---', SNARE: '--x---x-', HAT: 'xxxxxxxx'}, {KICK: 'x--xx---', SNARE: '--x---x-', HAT: 'xxxxxxxx'},
        {KICK: 'x-----x-x-x-----', SNARE: '----x-------x---', HAT: 'xxxxxxxxxxxxxxxx'}, {KICK: 'x--x--x-x-----x-', SNARE: '----x--x----x---', HAT: 'x-x-x-x-x-x-x-x-'},
        {KICK: 'x---x---x---x---', OPEN: '--x---x---x---x-', CLAP: '----x-------x---'}, {KICK: 'x---x---x---x---', HAT: 'x-xxx-xxx-xxx-xx', SNARE: '----x-------x---'},
        {KICK: 'x-------', SNARE: '----x---', HAT: 'xxxxxxxx'}, {KICK: 'x---------x-----', SNARE: '--------x-------', HAT: 'x-x-x-x-x-x-x-x-'},
        {KICK: '----x---', SIDE: '----x---', HAT: '--x---x-'}, {KICK: 'x--x--x-', SIDE: '--x--x-x', SHAKER: 'xxxxxxxx'},
        {KICK: 'x-x-x-x-', SNARE: '-x-x-x-x', HAT: 'xxxxxxxx'}, {KICK: 'x-x-', SNARE: '-x-x'}, {SNARE: 'xx-xxx-xxx-xxx-x', KICK: 'x---x---x---x---'},
        {KICK: 'x--x--x---x--x--', SNARE: '----x-------x---', RIDE: 'x-x-x-x-x-x-x-x-'}, {KICK: 'x-----', SNARE: '---x--', HAT: 'x-xx-x'},
        {RIDE: 'x--x-xx--x-x', HAT: '---x-----x--', KICK: 'x-----x-----'}, {KICK: 'xxxxxxxxxxxxxxxx', SNARE: '----x-------x---', CRASH: 'x-------x-------'},
        {KICK: 'x-x-x-x-x-x-x-x-', SNARE: '----x-------x---', RIDE: 'x---x---x---x---'}, {KICK: 'x---', TAMB: '-x-x'}, {CONGA: 'x-xx--x-x-xx-xx-', SHAKER: 'x-x-x-x-x-x-x-x-'},
        {HAT: 'x-x-x-x-'}, {SIDE: 'x-x-', HAT: 'xxxx'}, {KICK: 'x--x--x-x--x--x-', CLAP: '----x-------x---', HAT: '--x---x---x---x-'},
        {KICK: 'x---x-x-', SNARE: '--x---x-', CRASH: 'x---x---'}, {SNARE: '-x-x', HAT: 'xxxx'},
    ],
    3: [
        {KICK: 'x--', SNARE: '-xx'}, {KICK: 'x-----', SIDE: '--x-x-', HAT: 'x-x-x-'}, {KICK: 'x-----', SNARE: '----x-', HAT: 'xxxxxx'},
        {KICK: 'x--', HAT: '-xx'}, {KICK: 'x-----', SNARE: '--x-x-', RIDE: 'x-xxx-'}, {KICK: 'x-----------', SNARE: '----x---x---', HAT: 'x-x-x-x-x-x-'}, {TAMB: '-xx', KICK: 'x--'},
    ],
    2: [
        {KICK: 'x-', SNARE: '-x'}, {KICK: 'x-x-', SNARE: '-x-x'}, {SNARE: 'x-xxx-x-', KICK: 'x---x---'}, {KICK: 'x---', SNARE: '--x-', HAT: 'xxxx'}, {KICK: 'x---', HAT: '-x-x', SNARE: '--x-'},
    ],
    'compound2': [
        {KICK: 'x-----', SNARE: '---x--', HAT: 'xxxxxx'}, {KICK: 'x--x--', SNARE: '--x--x'}, {KICK: 'x-----', SNARE: '---x--', HAT: 'x-xx-x'}, {KICK: 'x--x--', TAMB: 'x-xx-x'}, {KICK: 'x----x', SIDE: '---x--', HAT: 'xxxxxx'},
    ],
    'compound4': [
        {KICK: 'x-----x-----', SNARE: '---x-----x--', HAT: 'xxxxxxxxxxxx'}, {KICK: 'x----xx-----', SNARE: '---x-----x--', RIDE: 'x-xx-xx-xx-x'},
    ],
}
LEADS = [0, 4, 11, 21, 22, 40, 48, 52, 53, 54, 56, 60, 61, 64, 65, 68, 71, 72, 73, 75, 78, 79, 80, 81, 82, 85, 105, 110]
COMPS = [0, 1, 2, 4, 5, 6, 7, 16, 18, 21, 24, 25, 26, 27, 45, 46, 105, 11, 12]
PADS = [48, 49, 50, 51, 52, 88, 89, 90, 91, 92, 94, 95, 44]
BASSES = [32, 33, 34, 35, 36, 38, 39, 58, 43]


def drums(rng, piece, from_beat=0.0):
    kind = ('compound%d' % piece.beats_per_bar) if piece.compound else piece.beats_per_bar
    pool = GROOVES.get(kind) or GROOVES[2]
    a, b = pool[rng.integers(len(pool))], pool[rng.integers(len(pool))]
    if rng.random() < 0.6:
        b = a
    level = int(rng.integers(70, 115))
    skip = rng.random() * 0.25
    ghost = rng.random() < 0.3
    fill_every = int(rng.choice([4, 8, 1000]))
    out, bars = [], int(piece.beats / piece.beats_per_bar)
    switch = int(rng.integers(4, max(5, bars)))
    for bar in range(bars):
        start = bar * piece.beats_per_bar
        if start < from_beat:
            continue
        groove = a if (bar // 8) % 2 == 0 or bar < switch else b
        for drum, steps in groove.items():
            for index, step in enumerate(steps):
                beat = start + index * piece.beats_per_bar / len(steps)
                if step == 'x' and not (rng.random() < skip * (0.6 if drum in (HAT, SHAKER, RIDE) else 0.15)):
                    accent = 8 if index == 0 else 0
                    weaker = -14 if drum in (HAT, SHAKER, RIDE, TAMB) and index % 2 else 0
                    out.append((beat, 0.1, drum, int(np.clip(level + accent + weaker + rng.integers(-8, 8), 20, 127))))
                elif ghost and drum == SNARE and rng.random() < 0.05:
                    out.append((beat, 0.1, drum, 35))
        if bar % fill_every == fill_every - 1:
            last = start + piece.beats_per_bar - 1
            divisions = 3 if piece.compound else 4
            for index in range(divisions):
                if rng.random() < 0.8:
                    out.append((last + index / divisions, 0.1, int(rng.choice([SNARE, TOM, 47, 50])), level))
        if bar % 8 == 0 and rng.random() < 0.5:
            out.append((start, 0.5, CRASH, level))
    return out


def bass(rng, piece):
    pattern = rng.choice(['root', 'half', 'eighth', 'octave', 'walk', 'fifth', 'syncop', 'sixteenth'], p=[.2, .12, .2, .12, .1, .12, .1, .04])
    sub = 3 if piece.compound else 2
    out = []
    for beat in range(int(piece.beats)):
        start, end, root, quality = chord_at(piece.chords, beat) if piece.chords else (0, 0, None, 'X')
        if root is None:
            continue
        low = 28 + (root - 28) % 12
        place = beat % piece.beats_per_bar
        change = abs(beat - start) < 0.01
        v = int(84 + (8 if place == 0 else 0) + rng.integers(-6, 6))
        tones = [t for t in TONES[quality]]
        if pattern == 'root':
            if place == 0 or change:
                out.append((beat, 0.9 * min(end - beat, piece.beats_per_bar - place), low, v))
        elif pattern == 'half':
            if place % 2 == 0 or change:
                out.append((beat, 1.8, low, v))
        elif pattern in ('eighth', 'octave'):
            for k in range(sub):
                out.append((beat + k / sub, 0.8 / sub, low + (12 if pattern == 'octave' and k else 0), v - 8 * (k > 0)))
        elif pattern == 'sixteenth':
            for k in range(2 * sub):
                out.append((beat + k / 2 / sub, 0.4 / sub, low, v - 8 * (k > 0)))
        elif pattern == 'walk':
            out.append((beat, 0.9, low + int(tones[rng.integers(len(tones))] if not change and place else 0), v))
        elif pattern == 'fifth':
            if place == 0 or change:
                out.append((beat, 0.9, low, v))
            elif place == piece.beats_per_bar // 2:
                out.append((beat, 0.9, low + 7 if 7 in tones else low, v - 6))
        else:
            if place == 0 or change:
                out += [(beat, 0.7, low, v)]
            if place in (0, 2):
                out += [(beat + 1 - 1 / sub, 0.9, low, v - 4)]
            elif rng.random() < 0.4:
                out += [(beat + 1 / sub, 0.4, low, v - 8)]
    return out


def comping(rng, piece, guitar=False):
    """Chords of four bars' rhythm, repeated."""
    sub = 3 if piece.compound else int(rng.choice([2, 4], p=[.75, .25]))
    slots = piece.beats_per_bar * sub
    kind = rng.choice(['beats', 'off', 'random', 'long', 'arp', 'eighths'], p=[.2, .14, .24, .16, .14, .12])
    pattern = [s for s in range(slots) if (kind == 'beats' and s % sub == 0) or (kind == 'off' and s % sub == sub // 2) or kind == 'eighths' or
               (kind == 'random' and rng.random() < (0.6 if s % sub == 0 else 0.3))] or [0]
    centre, out = int(rng.integers(52, 64)), []
    for bar in range(int(piece.beats / piece.beats_per_bar)):
        start = bar * piece.beats_per_bar
        if kind == 'long':
            continue
        if kind == 'arp':
            for s in range(slots):
                _, _, root, q = chord_at(piece.chords, start + s / sub)
                if root is None:
                    continue
                tones = sorted(p for p in range(centre - 5, centre + 13) if (p - root) % 12 in TONES[q])
                order = [0, 2, 1, 3, 2, 1, 3, 2]
                out.append((start + s / sub, 1.2 / sub, tones[min(order[s % len(order)], len(tones) - 1)], int(64 + 8 * (s == 0) + rng.integers(-6, 6))))
            continue
        for index, s in enumerate(pattern):
            _, _, root, q = chord_at(piece.chords, start + s / sub)
            if root is None:
                continue
            following = pattern[index + 1] if index + 1 < len(pattern) else slots
            length = (following - s) / sub * (0.45 if kind in ('off', 'eighths') else 0.85)
            tones = (0, 7, 12) if guitar else TONES[q]
            base = 40 + (root - 40) % 12 if guitar else None
            for t in tones:
                out.append((start + s / sub, length, base + t if guitar else centre + (root + t - centre) % 12, int(66 + 6 * (s == 0) + rng.integers(-6, 6))))
    if kind == 'long':
        for b, e, root, q in piece.chords:
            if root is not None:
                for t in TONES[q]:
                    out.append((b, 0.97 * (e - b), centre + (root + t - centre) % 12, 62))
    return out


def pad(rng, piece):
    centre = int(rng.integers(55, 67))
    return [(b, 0.98 * (e - b), centre + (r + t - centre) % 12, 58) for b, e, r, q in piece.chords if r is not None for t in TONES[q]]


def arrange(rng, piece, style):
    """-> [(program or 'drums', notes, volume)]"""
    parts, melody = [], piece.melody
    accompaniment = piece.accompaniment
    volume = lambda low=70, high=115: int(rng.integers(low, high))
    if style == 'piano':
        return [(int(rng.choice([0, 0, 0, 1, 3, 6])), melody + (accompaniment or comping(rng, piece) + bass(rng, piece)), 100)]
    if style == 'duo':
        return [(int(rng.choice(LEADS)), melody, volume(80)), (int(rng.choice(COMPS)), accompaniment or comping(rng, piece), volume())]
    if style == 'rock':
        guitar = int(rng.choice([29, 30]))
        parts = [(guitar, comping(rng, piece, guitar=True), volume(75, 105)), (int(rng.choice([33, 34])), bass(rng, piece), volume()), ('drums', drums(rng, piece), volume(85, 120))]
        if rng.random() < 0.6:
            parts.append((int(rng.choice([29, 30, 30, 81])), melody, volume(65, 100)))
        return parts
    if style == 'ensemble':  # strings, winds, brass without drums
        parts = [(int(rng.choice([40, 48, 56, 60, 68, 71, 73])), melody, volume(80))]
        parts.append((int(rng.choice([48, 49, 44, 61, 46])), accompaniment or comping(rng, piece), volume()))
        return parts + [(43, bass(rng, piece), volume())]
    lead = LEADS if style == 'band' else [80, 81, 82, 85, 87, 89, 54, 4]
    if melody and rng.random() < 0.85:
        parts.append((int(rng.choice(lead)), melody, volume(75)))
    if rng.random() < 0.6 and accompaniment:
        parts.append((int(rng.choice(COMPS)), accompaniment, volume(55, 100)))
    else:
        parts.append((int(rng.choice(COMPS if style == 'band' else [81, 90, 5, 4, 38, 62, 63])), comping(rng, piece), volume(60, 100)))
    parts.append((int(rng.choice(BASSES)), bass(rng, piece), volume(80)))
    if rng.random() < 0.45:
        parts.append((int(rng.choice(PADS)), pad(rng, piece), volume(40, 85)))
    parts.append(('drums', drums(rng, piece, from_beat=float(rng.choice([0, 0, 0, 0, 8])) if rng.random() < 0.3 else 0.0), volume(75, 125)))
    return parts


def beat_times(rng, piece, tempo, expression):
    """Seconds of beats 0…n (one more than the piece has). `expression`: 0 a machine, 0.1 a lively band, 1 a romantic pianist."""
    n = piece.beats + 1
    curve = np.zeros(n)
    if expression > 0:
        bar, phrase = piece.beats_per_bar, piece.beats_per_bar * int(rng.choice([4, 8]))
        steps = rng.normal(0, 0.012 + 0.03 * expression, n)
        for i in range(1, n):
            curve[i] = 0.93 * curve[i - 1] + steps[i]
        place = (np.arange(n) % phrase) / phrase
        depth = 0.16 * expression * rng.uniform(0.2, 1)
        curve -= depth * np.clip((place - 0.7) / 0.3, 0, 1) ** 2          # slower into the phrase's end
        curve += 0.4 * depth * np.sin(np.pi * np.clip(place / 0.8, 0, 1))  # and onwards in its middle
        if expression > 0.5:
            curve -= rng.uniform(0, 0.06) * (np.arange(n) % bar == bar - 1) * (rng.random(n) < 0.4)
    drift = rng.normal(0, 0.02) if rng.random() < 0.3 else 0
    curve += drift * np.sin(2 * np.pi * np.arange(n) / max(n, 1) * rng.uniform(0.3, 1.5))
    intervals = 60 / tempo * np.exp(-np.clip(curve, -0.5, 0.5))
    return np.concatenate([[0], np.cumsum(intervals)])[:n]
