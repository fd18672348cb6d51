import NumericKernels

/// Chords, key and tuning of a clip. Chords are decoded three times: by templates, for the beat tracker; on its beats, for the key; on
/// the beats and in the key.
struct HarmonyAnalysis: Sendable {
    let tuning: Double
    let chroma: ChromaSequence
    let firstPath: TemplateChords
    /// For the beat network.
    let novelty: HarmonicNovelty
    private let registers: RegisterChroma
    private let likelihoods: Matrix
    private let model: HarmonyModel
    private let decoder = ChordDecoder()

    init(_ signal: AnalysisSignal, model: HarmonyModel = .builtIn) {
        let spectrum = LogFrequencySpectrum(signal)
        let notes = NoteActivations(spectrum)
        tuning = spectrum.tuning
        chroma = ChromaSequence(notes)
        registers = RegisterChroma(notes)
        novelty = HarmonicNovelty(spectrum)
        self.model = model
        likelihoods = ChordObservations(chroma, registers, model.chords).logLikelihoods
        firstPath = TemplateChords(chroma)
    }

    func key(rhythm: RhythmAnalysis) -> Result<KeyEstimator.Estimate, KeyEstimator.Absence> {
        KeyEstimator(network: model.key, transitions: model.transitions).estimate(chroma, registers, chords: path(rhythm, key: nil))
    }

    private func path(_ rhythm: RhythmAnalysis, key: MusicalKey?) -> ChordDecoder.Path {
        decoder.decode(likelihoods, frameSeconds: chroma.frameSeconds, beats: rhythm.beats, downbeats: rhythm.downbeats,
                       transitions: key.map(model.transitions.matrix))
    }

    func chords(duration: Double, rhythm: RhythmAnalysis, key: MusicalKey?) -> [ChordSegment] {
        let path = path(rhythm, key: key)
        return decoder.segments(path, frameSeconds: chroma.frameSeconds, duration: duration, beats: rhythm.beats)
    }

    /// Sums of bass and treble chroma over all frames.
    func chromaSums() -> [Float] {
        var sum = [Float](repeating: 0, count: 12)
        for frame in 0 ..< chroma.frameCount {
            for pitch in 0 ..< 12 { sum[pitch] += chroma.treble[frame, pitch] + chroma.bass[frame, pitch] }
        }
        return sum
    }
}
