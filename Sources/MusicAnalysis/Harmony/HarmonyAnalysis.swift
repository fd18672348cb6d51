import Numerics

/// Chords, key and tuning of a clip. Chords are decoded twice: first alone, for the beat tracker; then on the beats and in the key.
struct HarmonyAnalysis: Sendable {
    let tuning: Double
    let chroma: ChromaSequence
    let firstPath: ChordDecoder.Path
    /// For the beat network.
    let novelty: HarmonicNovelty
    private let likelihoods: Matrix
    private let decoder = ChordDecoder()

    init(_ signal: AnalysisSignal, model: some ChordObservationModel = ChordTemplates()) {
        let spectrum = LogFrequencySpectrum(signal)
        tuning = spectrum.tuning
        chroma = ChromaSequence(spectrum)
        novelty = HarmonicNovelty(spectrum)
        likelihoods = model.logLikelihoods(chroma)
        firstPath = decoder.decode(likelihoods, frameSeconds: chroma.frameSeconds, beats: [], downbeats: [], key: nil)
    }

    func key() -> KeyEstimator.Estimate? { KeyEstimator().estimate(chroma, chords: firstPath) }

    func chords(duration: Double, rhythm: RhythmAnalysis, key: MusicalKey?) -> [ChordSegment] {
        let path = decoder.decode(likelihoods, frameSeconds: chroma.frameSeconds, beats: rhythm.beats, downbeats: rhythm.downbeats, key: key)
        return decoder.segments(path, frameSeconds: chroma.frameSeconds, duration: duration, beats: rhythm.beats)
    }

    /// Mean of bass and treble chroma, the largest 1; all 0 where nothing sounds.
    func meanChroma() -> [Double] {
        var sum = [Float](repeating: 0, count: 12)
        for frame in 0 ..< chroma.frameCount {
            for pitch in 0 ..< 12 { sum[pitch] += chroma.treble[frame, pitch] + chroma.bass[frame, pitch] }
        }
        let top = sum.max() ?? 0
        return sum.map { top > 0 ? Double($0 / top) : 0 }
    }
}
