"""madmom as the paper used it: RNN beats and downbeats with a DBN, tempo, key and chords by its convolutional networks."""
import peer

from madmom.features.beats import RNNBeatProcessor
from madmom.features.chords import CNNChordFeatureProcessor, CRFChordRecognitionProcessor
from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor
from madmom.features.key import CNNKeyRecognitionProcessor, key_prediction_to_label
from madmom.features.tempo import TempoEstimationProcessor

BEATS, TEMPO = RNNBeatProcessor(), TempoEstimationProcessor(fps=100)
BARS, TRACKER = RNNDownBeatProcessor(), DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)
KEY, FEATURES, CHORDS = CNNKeyRecognitionProcessor(), CNNChordFeatureProcessor(), CRFChordRecognitionProcessor()


def analyse(path):
    beats = TRACKER(BARS(path))
    tempo = TEMPO(BEATS(path))
    chords = [{"start": float(start), "end": float(end), "label": str(label)} for start, end, label in CHORDS(FEATURES(path))]
    return {"tempo_bpm": float(tempo[0][0]), "beats": beats[:, 0].tolist(), "downbeats": beats[beats[:, 1] == 1, 0].tolist(),
            "key": key_prediction_to_label(KEY(path)), "chords": chords}


peer.main(analyse)
