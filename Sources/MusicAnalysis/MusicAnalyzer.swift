import Numerics
/// Reads tempo, beats, bars, key and chords from samples.
public struct MusicAnalyzer: Sendable {
    public init() {}
}

package struct DevelopmentProbe {
    package var flat = 0.0, rms: [Float] = []
    package var tempo: Double?
    package var beats: [Double] = []
    package var downbeats: [Double] = []
    package var key: String?
    package var chords: [ChordSegment] = []
    package var hypotheses: [[String: Double]] = []
    package var hypothesisBeats: [[Double]] = []
    package init(_ samples: AudioSamples) {
        let signal = AnalysisSignal(samples)
        let chroma = ChromaSequence(LogFrequencySpectrum(signal)); flat = Double(chroma.stability.min() ?? 0)
        let likelihoods = ChordTemplates().logLikelihoods(chroma)
        let decoder = ChordDecoder()
        let first = decoder.decode(likelihoods, frameSeconds: chroma.frameSeconds, beats: [], downbeats: [], key: nil)
        let onsets = OnsetSpectrogram(signal)
        rms = (0..<4).map { r in let c = onsets.flux.column(r); return (c.map{$0*$0}.reduce(0,+)/Float(max(1,c.count))).squareRoot() }
        let activations = OnsetBeatModel().activations(onsets)
        let harmony = HarmonicRhythm(chroma, chords: first)
        let hyps = TempoEstimator().hypotheses(activations, harmony)
        for h in hyps {
            var d: [String: Double] = ["score": Double(h.score), "bpm": h.hypothesis.tempo(frameRate: 100)]
            for c in Mirror(reflecting: h.hypothesis.evidence).children { d[c.label!] = Double(c.value as! Float) }
            hypotheses.append(d)
            hypothesisBeats.append(h.hypothesis.frames.map { Double($0) / 100 - 0.007 })
        }
        if let best = hyps.first {
            tempo = best.hypothesis.tempo(frameRate: 100)
            beats = best.hypothesis.frames.map { Double($0) / 100 - 0.007 }
            if let metre = MetreTracker().track(beats: best.hypothesis.frames, activations, harmony) {
                downbeats = metre.downbeats.map { beats[$0] }
            }
        }
        let keyEstimate = KeyEstimator().estimate(chroma, chords: first)
        key = keyEstimate?.key.description
        let second = decoder.decode(likelihoods, frameSeconds: chroma.frameSeconds, beats: beats, downbeats: downbeats, key: keyEstimate?.key)
        chords = decoder.segments(second, frameSeconds: chroma.frameSeconds, duration: signal.duration, beats: beats)
    }
}
