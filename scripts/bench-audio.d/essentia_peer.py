"""essentia's own extractors: RhythmExtractor2013 (multifeature), KeyExtractor, HPCP with ChordsDetectionBeats. It has no downbeats."""
import numpy as np
import essentia
import essentia.standard as standard

import peer

essentia.log.infoActive = False
essentia.log.warningActive = False
FRAME, HOP, RATE = 8192, 2048, 44100


def label(chord):
    return chord[:-1] + ":min" if chord.endswith("m") else chord + ":maj"


def chords(audio, beats):
    if len(beats) < 2:
        return []
    window, spectrum = standard.Windowing(type="blackmanharris62"), standard.Spectrum()
    peaks = standard.SpectralPeaks(orderBy="magnitude", magnitudeThreshold=1e-5, minFrequency=40, maxFrequency=5000, maxPeaks=60)
    profile = standard.HPCP(size=36, referenceFrequency=440, harmonics=8, bandPreset=True, minFrequency=40, maxFrequency=5000, weightType="cosine", nonLinear=False)
    frames = essentia.array([profile(*peaks(spectrum(window(frame)))) for frame in standard.FrameGenerator(audio, frameSize=FRAME, hopSize=HOP, startFromZero=True)])
    found, _ = standard.ChordsDetectionBeats(hopSize=HOP)(frames, beats)
    return peer.segments([0.0, *beats[1:len(found)]], [label(chord) for chord in found], len(audio) / RATE)


def analyse(path):
    audio = standard.MonoLoader(filename=path, sampleRate=RATE)()
    tempo, beats, *_ = standard.RhythmExtractor2013(method="multifeature")(audio)
    tonic, scale, _ = standard.KeyExtractor()(audio)
    return {"tempo_bpm": float(tempo), "beats": np.asarray(beats).tolist(), "key": f"{tonic} {scale}", "chords": chords(audio, beats)}


peer.main(analyse)
