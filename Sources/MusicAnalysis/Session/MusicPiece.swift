/// What was read from one stretch of a recording, before it is rounded. Times are seconds of the whole recording.
struct MusicPiece: Sendable {
    /// What it was read from: pieces overlap. What it answers for is settled when they are joined.
    var start: Double
    var end: Double
    var isSilent: Bool
    var tempo: Double?
    var tempoConfidence = 0.0
    var absence: RhythmAnalysis.Absence? = .silence
    /// Other readings of the tempo, the likeliest first.
    var alternatives: [(tempo: Double, confidence: Double)] = []
    var beats: [Double] = []
    var downbeats: [Double] = []
    var beatsPerBar: Int?
    var metreConfidence = 0.0
    /// Nil for silence.
    var key: Result<KeyEstimator.Estimate, KeyEstimator.Absence>?
    var tuning: Double?
    var chords: [ChordSegment]
    /// Sums over frames of the strength of each pitch class.
    var chroma = [Float](repeating: 0, count: 12)
    /// Empty, or one a pitch class; one a coefficient.
    var chromaSpread: [Spread] = []
    var cepstrum: [Spread] = []
    var onsets: [Double] = []
    var percussiveness = 0.0
    var timbre: TimbreMeter.Timbre?
    var boundaries: [SectionFinder.Boundary] = []

    var duration: Double { end - start }

    /// - Parameters:
    ///   - sides: one or two channels (``AnalysisSignal/sides(_:)``); taken away.
    ///   - peak: the largest |sample| of all channels.
    ///   - start: seconds of the recording before the first sample.
    init(taking sides: inout [[Float]], sampleRate: Int, peak: Float, start: Double) {
        let duration = Double(sides.first?.count ?? 0) / Double(sampleRate)
        self.start = start
        end = start + duration
        isSilent = true
        chords = duration > 0 ? [ChordSegment(start: start, end: end, label: "N", confidence: 1)] : []
        guard let heard = Heard(taking: &sides, sampleRate: sampleRate, peak: peak) else { return }
        isSilent = false

        let harmony = heard.harmony
        let picked = OnsetPicker().pick(heard.onsets)
        let rhythm = RhythmAnalysis(heard.onsets, picked: picked, HarmonicRhythm(harmony.chroma, chords: harmony.firstPath), harmony.novelty)
        let key = harmony.key(rhythm: rhythm)
        (tempo, tempoConfidence, absence, alternatives) = (rhythm.tempo, rhythm.tempoConfidence, rhythm.absence, rhythm.alternatives)
        (beats, downbeats, beatsPerBar, metreConfidence) = (rhythm.beats, rhythm.downbeats, rhythm.beatsPerBar, rhythm.metreConfidence)
        self.key = key
        if case .failure(.fewChords) = key, tempo != nil, !Self.isBeatWithoutHarmony(rhythm, heard.timbre) { dropPulse() }
        tuning = harmony.tuning
        chords = harmony.chords(duration: duration, rhythm: rhythm, key: (try? key.get())?.key)
        (chroma, chromaSpread, cepstrum) = (harmony.chromaSums(), harmony.chroma.spread, heard.cepstrum)
        (onsets, percussiveness) = (picked.times, picked.percussiveness)
        timbre = heard.timbre
        boundaries = SectionFinder().boundaries(harmony.chroma, heard.onsets, beats: rhythm.beats, downbeats: rhythm.downbeats)
        if start > 0 { move(by: start) }
    }

    /// Speech has syllables that a beat tracker finds a beat in, and gives it up to 0.27; music without chords, drums or distorted guitars, has 0.5 and more.
    private static let leastConfidenceWithoutHarmony = 0.4

    /// In noise (applause, rain) a beat tracker finds beats, too, and is surer of them; but only those of drums and machines are steady. Noise is as flat as
    /// this, metal is not; and such a share of the intervals is within 5 % of their median.
    private static let noiseFlatness = 0.3
    private static let leastStabilityInNoise = 0.8

    private static func isBeatWithoutHarmony(_ rhythm: RhythmAnalysis, _ timbre: TimbreMeter.Timbre?) -> Bool {
        guard rhythm.tempoConfidence >= leastConfidenceWithoutHarmony else { return false }
        return (timbre?.flatness ?? 0) < noiseFlatness || (TempoCurve.stability(rhythm.beats) ?? 1) >= leastStabilityInNoise
    }

    private mutating func dropPulse() {
        (tempo, tempoConfidence, absence, alternatives) = (nil, 0, .noPulse, [])
        (beats, downbeats, beatsPerBar, metreConfidence) = ([], [], nil, 0)
    }

    private mutating func move(by seconds: Double) {
        beats = beats.map { $0 + seconds }
        downbeats = downbeats.map { $0 + seconds }
        onsets = onsets.map { $0 + seconds }
        for index in chords.indices {
            chords[index].start += seconds
            chords[index].end += seconds
        }
        for index in boundaries.indices { boundaries[index].time += seconds }
    }

    /// What needs the samples, so that they can go before the rest is done.
    private struct Heard {
        let harmony: HarmonyAnalysis
        let onsets: OnsetSpectrogram
        let timbre: TimbreMeter.Timbre?
        let cepstrum: [Spread]

        /// Nil for silence.
        init?(taking sides: inout [[Float]], sampleRate: Int, peak: Float) {
            let signal = AnalysisSignal(taking: &sides, sampleRate: sampleRate, peak: peak)
            guard !signal.isSilent, signal.sampleCount > 0 else { return nil }
            harmony = HarmonyAnalysis(signal)
            onsets = OnsetSpectrogram(signal)
            cepstrum = CepstrumMeter().measure(signal)
            timbre = TimbreMeter().measure(signal).map { timbre in
                var timbre = timbre
                // Pieces are brought to one level each; between them the louder one counts more, as it sounds.
                timbre.weight /= Double(signal.gain)
                return timbre
            }
        }
    }
}
