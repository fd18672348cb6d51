import Glibc
import Numerics

/// Beats, tempo and bars of a clip.
struct RhythmAnalysis: Sendable {
    /// Spectral flux peaks this long after the sound begins, in seconds: half a window's rise.
    static let onsetLead = 0.007
    /// Below this much flux in all registers together there are no onsets to speak of: a held tone has 0.02, music 0.1 and more.
    private static let leastFlux: Float = 0.035
    /// Fewer single onsets than this, such as a tone's start and end, are no pulse.
    private static let leastOnsets = 4
    /// With fewer beats than this a pulse may be chance; the confidence falls in proportion.
    private static let beatsToBeSure = 12.0
    /// Onsets must gather on the beats by this factor, or repeat with this correlation, to be called a pulse; noise has 1.5 and 0.09.
    private static let leastConcentration: Float = 1.6
    private static let leastSalience: Float = 0.13

    var tempo: Double?
    /// 0…1: how clear the pulse is, times how sure its metrical level.
    var tempoConfidence = 0.0
    /// Other readings of the tempo, the likeliest first.
    var alternatives: [(tempo: Double, confidence: Double)] = []
    /// Seconds.
    var beats: [Double] = []
    var downbeats: [Double] = []
    var beatsPerBar: Int?
    var metreConfidence = 0.0

    init(_ onsets: OnsetSpectrogram, picked: OnsetPicker.Onsets, _ harmony: HarmonicRhythm, model: some BeatObservationModel = OnsetBeatModel()) {
        guard picked.times.count >= Self.leastOnsets, Self.hasOnsets(onsets) else { return }
        let activations = model.activations(onsets)
        let hypotheses = TempoEstimator().hypotheses(activations, harmony)
        guard let best = hypotheses.first?.hypothesis, best.frames.count >= 4 else { return }
        guard best.evidence.onBeat >= Self.leastConcentration || best.evidence.salience >= Self.leastSalience else { return }
        let rate = activations.frameRate
        func seconds(_ frame: Int) -> Double { max(0, Double(frame) / rate - Self.onsetLead) }
        tempo = best.tempo(frameRate: rate)
        beats = best.frames.map(seconds)
        let readings = Self.readings(hypotheses, frameRate: rate)
        let length = min(1, Double(beats.count) / Self.beatsToBeSure)
        tempoConfidence = readings[0].confidence * Self.clarity(best.evidence) * length
        alternatives = Array(readings.dropFirst().prefix(3))
        guard let metre = MetreTracker().track(beats: best.frames, activations, harmony) else { return }
        downbeats = metre.downbeats.map { seconds(best.frames[$0]) }
        beatsPerBar = metre.beatsPerBar
        metreConfidence = metre.confidence
    }

    private static func hasOnsets(_ onsets: OnsetSpectrogram) -> Bool {
        let flux = (0 ..< OnsetSpectrogram.registerCount).map { register in
            let values = onsets.flux.column(register)
            return (Reductions.sumOfSquares(values) / Float(max(1, values.count))).squareRoot()
        }
        return flux.reduce(0, +) >= leastFlux
    }

    /// Tempi at least 4 % apart, with their shares of a softmax over the scores.
    private static func readings(
        _ hypotheses: [(hypothesis: TempoHypothesis, score: Float)], frameRate: Double
    ) -> [(tempo: Double, confidence: Double)] {
        let top = hypotheses[0].score
        var distinct: [(tempo: Double, confidence: Double)] = []
        for (hypothesis, score) in hypotheses {
            let tempo = hypothesis.tempo(frameRate: frameRate)
            if distinct.contains(where: { abs($0.tempo / tempo - 1) < 0.04 }) { continue }
            distinct.append((tempo, Double(exp(score - top))))
        }
        let total = distinct.reduce(0) { $0 + $1.confidence }
        return distinct.map { ($0.tempo, $0.confidence / total) }
    }

    /// 0 where onsets fall anywhere, 1 where they gather on the beats and repeat.
    private static func clarity(_ evidence: TempoHypothesis.Evidence) -> Double {
        let concentration = min(1, max(0, (Double(evidence.onBeat) - 1.3) / 2.5))
        let repetition = min(1, max(0, Double(evidence.salience) / 0.4))
        return (concentration * (0.3 + 0.7 * repetition)).squareRoot()
    }
}
