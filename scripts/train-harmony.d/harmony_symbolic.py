"""Excerpts of the training songs as the key head sees them, without any sound: many more than can be rendered."""
import os, random, zlib
import numpy as np
import harmony_pieces
from harmony_data import LOWEST, NOTES, register_chroma
from harmony_decode import NONE, TO_REDUCED
from harmony_music import NAMES, QUALITIES, key_name

FRAMES_A_BEAT = 6
# How often a chord is heard as another one on its notes: the relative, or the one on its fifth or fourth.
MISHEARD = 0.1


def misheard(state, rng):
    root, label = state % 12, state // 12
    if label > 1: return root if rng.random() < 0.5 else 12 + root
    relative = 12 + (root + 9) % 12 if label == 0 else (root + 3) % 12
    mediant = 12 + (root + 4) % 12 if label == 0 else (root + 8) % 12
    return rng.choice([relative, mediant, relative, 12 * (1 - label) + root])


def excerpt(song, rng):
    """Register chroma, path and key of some dozen bars; None where no one key covers them."""
    notes, chords, keys, _ = song
    end = max(c.end for c in chords)
    length = rng.uniform(28, 70)
    first = float(int(rng.uniform(0, max(0, end - length))))
    spans = {}
    for index, (beat, signature) in enumerate(keys):
        until = keys[index + 1][0] if index + 1 < len(keys) else end
        spans[signature] = spans.get(signature, 0) + max(0, min(until, first + length) - max(beat if index else 0, first))
    if not spans or max(spans.values()) < 0.85 * length:
        return None
    key = key_name(max(spans, key=spans.get), 0)
    frames = int(length * FRAMES_A_BEAT)
    path = np.full(frames, NONE)
    for chord in chords:
        a, b = max(chord.start, first) - first, min(chord.end, first + length) - first
        if b > a and chord.quality in QUALITIES:
            state = int(TO_REDUCED[12 * list(QUALITIES).index(chord.quality) + chord.root])
            path[round(a * FRAMES_A_BEAT):round(b * FRAMES_A_BEAT)] = misheard(state, rng) if rng.random() < MISHEARD else state
    strengths = np.zeros((frames, NOTES), np.float32)
    for note in notes:
        a, b = note.start - first, min(note.end - first, length)
        if b > 0 and a < length and LOWEST <= note.pitch < LOWEST + NOTES:
            strengths[int(max(a, 0) * FRAMES_A_BEAT):int(b * FRAMES_A_BEAT) + 1, note.pitch - LOWEST] += 1
    return register_chroma(np.sqrt(strengths)), path, NAMES.index(key.split()[0]) + (12 if key.endswith("minor") else 0)


def examples(folder, left_out, each, seed):
    """[(song, chroma, path, key)] of every song's excerpts."""
    result = []
    for name in sorted(f[:-4] for f in os.listdir(folder) if f.endswith(".mid")):
        if name in left_out:
            continue
        song, rng = harmony_pieces.read_song(f"{folder}/{name}.mid"), random.Random(f"{seed} {name}")
        for _ in range(each):
            found = excerpt(song, rng)
            if found: result.append((name, *found))
    return result
