import Glibc
import NumericKernels

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
    /// The network must hear beats where they are said to be: this probability, on average.
    private static let leastBeat: Float = 0.15
    /// Greatest factor between the tempo and that of any beat, once the level is known: rubato.
    private static let rubato = 1.35

    /// Why a clip has no tempo.
    enum Absence: String, Sendable {
        case silence = "silence"
        case noOnsets = "no onsets"
        case fewOnsets = "too few onsets"
        case noPulse = "no regular pulse"
    }

    var absence: Absence?
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
    /// Log-likelihood a beat of each bar length.
    var metreScores: [(beats: Int, score: Float)] = []
    /// What speaks for each beat's being a bar's first: `MetreDecoder.Metre.evidence`.
    var barEvidence: [[Float]] = []

    init(_ onsets: OnsetSpectrogram, picked: OnsetPicker.Onsets, _ harmony: HarmonicRhythm, _ novelty: HarmonicNovelty, model: RhythmModel = .builtIn) {
        guard Self.hasOnsets(onsets) else {
            absence = .noOnsets
            return
        }
        guard picked.times.count >= Self.leastOnsets else {
            absence = .fewOnsets
            return
        }
        let observations = RhythmObservations(onsets, picked: picked, harmony, novelty, model.network)
        let levels = TempoEstimator(model: model).levels(observations)
        guard let best = levels.first?.level, Self.isPulse(best) else {
            absence = .noPulse
            return
        }
        tempo = best.tempo
        let readings = Self.readings(levels)
        let length = min(1, Double(best.frames.count) / Self.beatsToBeSure)
        tempoConfidence = readings[0].confidence * Self.clarity(best) * length
        alternatives = Array(readings.dropFirst().prefix(3))
        let metre = MetreDecoder().decode(observations, level: best, range: Self.rubato)
        beats = metre.frames.map { max(0, $0 / observations.frameRate) }
        downbeats = metre.downbeats.map { beats[$0] }
        beatsPerBar = metre.beatsPerBar
        metreConfidence = metre.confidence
        metreScores = metre.scores
        barEvidence = metre.evidence
        if metre.frames.count >= 4 { tempo = 60 * observations.frameRate / MetricalLevel.period(of: metre.frames) }
    }

    private static func hasOnsets(_ onsets: OnsetSpectrogram) -> Bool {
        let flux = (0 ..< OnsetSpectrogram.registerCount).map { register in
            let values = onsets.flux.column(register)
            return (Reductions.sumOfSquares(values) / Float(max(1, values.count))).squareRoot()
        }
        return flux.reduce(0, +) >= leastFlux
    }

    private static func isPulse(_ level: MetricalLevel) -> Bool {
        let repeats = level[.onset] >= log(leastConcentration) || level[.salience] >= leastSalience
        return repeats && level[.beat] >= leastBeat
    }

    /// Tempi at least 4 % apart, with their shares of a softmax over the scores.
    private static func readings(_ levels: [(level: MetricalLevel, score: Float)]) -> [(tempo: Double, confidence: Double)] {
        let top = levels[0].score
        var distinct: [(tempo: Double, confidence: Double)] = []
        for (level, score) in levels where !distinct.contains(where: { abs($0.tempo / level.tempo - 1) < 0.04 }) {
            distinct.append((level.tempo, Double(exp(score - top))))
        }
        let total = distinct.reduce(0) { $0 + $1.confidence }
        return distinct.map { ($0.tempo, $0.confidence / total) }
    }

    /// 0 where beats are nowhere sure, 1 where the network hears each and they repeat.
    private static func clarity(_ level: MetricalLevel) -> Double {
        let heard = min(1, max(0, (Double(level[.beat]) - 0.2) / 0.5))
        let repetition = min(1, max(0, Double(level[.salience]) / 0.4))
        return (heard * (0.3 + 0.7 * repetition)).squareRoot()
    }
}

extension RhythmObservations {
    init(_ onsets: OnsetSpectrogram, picked: OnsetPicker.Onsets, _ harmony: HarmonicRhythm, _ novelty: HarmonicNovelty, _ network: BeatNetwork) {
        let seconds = max(0.5, Double(onsets.frameCount) / OnsetSpectrogram.frameRate)
        self.init(network: network(BeatFeatures(onsets, novelty).rows), onsets: OnsetBeatModel().activations(onsets),
                  harmony: harmony, onsetRate: Double(picked.times.count) / seconds)
    }
}
