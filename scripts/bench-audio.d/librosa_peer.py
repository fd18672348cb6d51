"""librosa as its documentation uses it: onset strength and dynamic programming for beats; CQT chroma of the harmonic part for key (Krumhansl's profiles) and chords
(templates on beats, Viterbi)."""
import librosa
import numpy as np

import peer

MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
TEMPLATES = np.array([np.roll(np.isin(np.arange(12), triad), root) for triad in ((0, 4, 7), (0, 3, 7)) for root in range(12)], dtype=float)
LABELS = [f"{note}:{quality}" for quality in ("maj", "min") for note in peer.NOTES]


def key(chroma):
    scores = [(np.corrcoef(chroma, np.roll(profile, root))[0, 1], f"{peer.NOTES[root]} {mode}")
              for profile, mode in ((MAJOR, "major"), (MINOR, "minor")) for root in range(12)]
    return max(scores)[1]


def analyse(path):
    samples, rate = librosa.load(path, sr=22050, mono=True)
    tempo, beats = librosa.beat.beat_track(onset_envelope=librosa.onset.onset_strength(y=samples, sr=rate), sr=rate)
    chroma = librosa.feature.chroma_cqt(y=librosa.effects.harmonic(samples, margin=4), sr=rate)
    synchronous = librosa.util.sync(chroma, beats, aggregate=np.mean)
    # Cosines of beats and triads, sharpened: as they are, they differ too little for a path to follow.
    likelihood = np.exp(12 * TEMPLATES @ librosa.util.normalize(synchronous, norm=2) / np.sqrt(3))
    path = librosa.sequence.viterbi_discriminative(likelihood / likelihood.sum(axis=0), librosa.sequence.transition_loop(24, 0.8))
    starts = np.concatenate([[0.0], librosa.frames_to_time(beats, sr=rate)])[:len(path)]
    return {"tempo_bpm": float(np.atleast_1d(tempo)[0]), "beats": librosa.frames_to_time(beats, sr=rate).tolist(), "key": key(chroma.mean(axis=1)),
            "chords": peer.segments(starts, [LABELS[state] for state in path], len(samples) / rate)}


peer.main(analyse)
