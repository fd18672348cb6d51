"""The decoder of the analyzer in NumPy, to tune its few constants and to learn its transitions."""
import numpy as np
from harmony_data import FRAME_SECONDS, NO_CHORD
from harmony_music import NAMES, QUALITIES

# What qualities are reported as: decoding is among these.
LABELS = ("maj", "min", "dim", "aug", "sus4", "sus2")
REDUCTION = {"maj": "maj", "min": "min", "7": "maj", "maj7": "maj", "min7": "min", "dim": "dim", "hdim7": "dim", "aug": "aug", "sus4": "sus4", "sus2": "sus2"}
REDUCED = 12 * len(LABELS) + 1
NONE = REDUCED - 1
TO_REDUCED = np.array([12 * LABELS.index(REDUCTION[q]) + r for q in QUALITIES for r in range(12)] + [NONE])


def reduce(logs):
    """Probabilities of qualities that share a label are added."""
    result = np.full((len(logs), REDUCED), -30.0, np.float32)
    p = np.exp(logs)
    sums = np.zeros_like(result)
    np.add.at(sums.T, TO_REDUCED, p.T)
    return np.log(np.maximum(sums, 1e-9))


def reduced_states(states):
    return np.where(states < 0, -1, TO_REDUCED[states])


def relative(state, tonic):
    """A reduced state seen from a tonic."""
    return state if state == NONE else 12 * (state // 12) + (state % 12 - tonic) % 12


def learn_transitions(clips, weight=30.0):
    """log P(next | this, mode) of changes, relative to the tonic: 2 × REDUCED × REDUCED; with the prior P(next | mode) mixed in."""
    counts = np.zeros((2, REDUCED, REDUCED))
    for clip in clips:
        if clip.key is None:
            continue
        sequence = reduced_states(clip.states)
        sequence = [relative(int(s), clip.key % 12) for s in sequence if s >= 0]
        for a, b in zip(sequence, sequence[1:]):
            if a != b:
                counts[clip.key // 12, a, b] += 1
    prior = counts.sum(1) + 0.3
    prior /= prior.sum(1, keepdims=True)
    return np.log((counts + weight * prior[:, None]) / (counts.sum(2, keepdims=True) + weight))


def turned(table, tonic):
    """Transitions of a mode, for a tonic."""
    index = np.array([relative(s, tonic) for s in range(REDUCED)])
    return table[np.ix_(index, index)]


class Costs:
    def __init__(self, change=3.0, beat=1.0, downbeat=0.5, key=0.4, sharpness=0.3, rare=0.0, none=0.0):
        self.change, self.beat, self.downbeat, self.key, self.sharpness, self.rare, self.none = change, beat, downbeat, key, sharpness, rare, none


def change_costs(frames, beats, downbeats, costs):
    result = np.full(frames, costs.change, np.float32)
    for times, cost in ((beats, costs.beat), (downbeats, costs.downbeat)):
        index = np.floor(np.array(times) / FRAME_SECONDS + 1).astype(int) if len(times) else np.array([], int)
        result[index[(index >= 0) & (index < frames)]] = cost
    return result


def viterbi(likelihoods, changes, transitions=None, weight=0.0):
    """Most probable states; a change costs `changes[frame]`, less weight · log-ratio of its transition to the average."""
    frames, states = likelihoods.shape
    score = likelihoods[0].copy()
    origins = np.zeros((frames, states), np.int16)
    every = np.arange(states)
    bonus = None
    if transitions is not None and weight:
        bonus = weight * (transitions + np.log(24.0))
    for t in range(1, frames):
        if bonus is None:
            best = int(score.argmax())
            changed, origin = np.full(states, score[best] - changes[t], np.float32), np.full(states, best)
        else:
            table = score[:, None] + bonus
            origin = table.argmax(0)
            changed = table[origin, every] - changes[t]
        stays = score >= changed
        origins[t] = np.where(stays, every, origin)
        score = np.where(stays, score, changed) + likelihoods[t]
    path = np.zeros(frames, int)
    state = int(score.argmax())
    for t in range(frames - 1, -1, -1):
        path[t] = state
        state = int(origins[t, state])
    return path


def decode(reduced, clip, costs, key=None, tables=None):
    likelihoods = costs.sharpness * reduced
    likelihoods[:, 24:NONE] -= costs.rare
    likelihoods[:, NONE] -= costs.none
    transitions = None if key is None or tables is None else turned(tables[key // 12], key % 12)
    return viterbi(likelihoods, change_costs(len(reduced), clip.beats, clip.downbeats, costs), transitions, costs.key)


def accuracy(path, clip):
    """Share of the time with a major or minor chord (or none) in the truth in which the path agrees."""
    truth = reduced_states(clip.states)
    counted = (truth >= 0) & ((truth < 24) | (truth == NONE))
    return float((path == truth)[counted].mean()) if counted.any() else None
