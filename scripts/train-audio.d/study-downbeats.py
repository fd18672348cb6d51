#!/usr/bin/env python3
"""How far the bars of POP909-CL's annotation follow the harmony: what bounds any downbeat tracker where nothing else tells bars.

    study-downbeats.py MIDI_DIR [--skip IDS_FILE]

For each song in 4/4 throughout: at which beat of the annotated bar most of the chords begin (each weighs as long as it lasts, at most
a bar). A tracker that hears nothing but harmony is right where that is the first. Where it is not, the last lines show why: the
music begins that many beats into the file, and the annotation counts bars from the file's start."""
import argparse
import collections
import glob
import os

import mido

from piece import notes_of


def song(path):
    """The beat of the bar that most chords begin on, and the beat of the file that the first one begins on; None where not all is in 4/4."""
    midi = mido.MidiFile(path)
    signatures = {(m.numerator, m.denominator) for t in midi.tracks for m in t if m.type == 'time_signature'}
    if signatures != {(4, 4)}:
        return None
    tracks = [t for t in midi.tracks if any(m.type == 'note_on' for m in t)]
    starts = sorted({s / midi.ticks_per_beat for s, _, _, _ in notes_of(tracks[-1])})
    weights = collections.Counter()
    for start, following in zip(starts, starts[1:]):
        if start == int(start):
            weights[int(start) % 4] += min(4, following - start)
    return (max(weights, key=weights.get), starts[0] % 4) if weights else None


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('midi'); a.add_argument('--skip')
    options = a.parse_args()
    skip = set(open(options.skip).read().split()) if options.skip else set()
    songs = [s for s in (song(f) for f in sorted(glob.glob(os.path.join(options.midi, '*.mid'))) if os.path.basename(f)[:3] not in skip) if s]
    at = collections.Counter(beat for beat, _ in songs)
    print('%d songs in 4/4; most chords begin on beat ' % len(songs) + ', '.join('%d: %d (%.0f %%)' % (k + 1, at[k], 100 * at[k] / len(songs)) for k in range(4)))
    whole = [s for s in songs if s[1] == int(s[1])]
    for start in range(4):
        here = collections.Counter(beat for beat, first in whole if first == start)
        print('first chord on beat %d of its bar, %3d songs; most chords begin on beat ' % (start + 1, sum(here.values())) + ', '.join('%d: %d' % (k + 1, here[k]) for k in range(4)))


if __name__ == '__main__':
    main()
