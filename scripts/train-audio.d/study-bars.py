#!/usr/bin/env python3
"""What the choice of a bar's length and first beat is worth: the decoder's rule over what `mvfleet-features levels` wrote, with other
prior log-probabilities of three and two beats, beside the best that its beats allow.

    study-bars.py --levels DIR --truth DIR[,DIR…]

Clips should be ones that the network has not heard. Every line: downbeat F over all, and its difference from the analyzer's own rule."""
import argparse
import glob
import importlib.util
import json
import os

import numpy as np

spec = importlib.util.spec_from_file_location('levels', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'train-levels.py'))
levels = importlib.util.module_from_spec(spec)
spec.loader.exec_module(levels)
LENGTHS = (4, 3, 2)
READINGS = [(n, p) for n in LENGTHS for p in range(n)]
OWN = (-0.25, -0.75)       # MetreDecoder.lengths
PHASE, LENGTH = 0.1, 1.2   # MetreDecoder.phaseWeight, lengthWeight


def load(options):
    """(beats, log-likelihood, harmony's evidence and downbeat F of each reading, the truth's beats a bar) of every clip"""
    clips = []
    for folder in options.truth.split(','):
        for path in sorted(glob.glob(os.path.join(folder, '*.json'))):
            found = os.path.join(options.levels, os.path.basename(path))
            if not os.path.exists(found):
                continue
            truth, heard = json.load(open(path)), json.load(open(found))
            evidence, beats = np.array(heard['bar_evidence']), np.array(heard['beats'])
            if len(evidence) < 8 or len(evidence) != len(beats):
                continue
            rows = []
            for length, place in READINGS:
                first = np.arange(len(beats)) % length == place
                rows.append((evidence[first, 0].sum() + evidence[~first, 1].sum(), evidence[first, 2].sum(), levels.f_measure(truth['downbeats'], list(beats[first]))))
            clips.append((len(beats), *np.array(rows).T, truth['beats_per_bar']))
    return clips


def choose(clip, three, two, only=None):
    count, likelihood, harmony, _, _ = clip
    best = None
    for length, prior in zip(LENGTHS, (0, three, two)):
        if only and length != only:
            continue
        places = [k for k, (n, _) in enumerate(READINGS) if n == length]
        k = max(places, key=lambda k: likelihood[k] + PHASE * harmony[k])
        score = likelihood[k] + (PHASE + LENGTH) * harmony[k] + prior * count
        if best is None or score > best[0]:
            best = (score, k)
    return best[1]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--levels', required=True); a.add_argument('--truth', required=True)
    clips = load(a.parse_args())
    scores = lambda pick: np.array([c[3][pick(c)] for c in clips])
    own = scores(lambda c: choose(c, *OWN))
    print('%d clips; the analyzer\'s rule %.4f; bar length known %.4f; best reading %.4f'
          % (len(clips), own.mean(), scores(lambda c: choose(c, *OWN, only=c[4] if c[4] in LENGTHS else None)).mean(), scores(lambda c: int(c[3].argmax())).mean()))
    for three in (-0.35, -0.25, -0.15, -0.05):
        for two in (-0.9, -0.75, -0.6, -0.45, -0.3):
            other = scores(lambda c: choose(c, three, two))
            print('three %.2f two %.2f: %.4f (%+.4f ± %.4f)' % (three, two, other.mean(), (other - own).mean(), (other - own).std() / len(clips) ** 0.5))


if __name__ == '__main__':
    main()
