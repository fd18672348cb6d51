import NumericKernels

/// A clip's rhythm with everything that it was decided from: what the level classifier is trained on and models are judged by.
package struct RhythmStudy: Sendable {
    /// Every level that was weighed, the likeliest first.
    package let levels: [MetricalLevel]
    package let tempo: Double?
    package let beats: [Double]
    package let downbeats: [Double]
    package let beatsPerBar: Int?
    /// Log-likelihood a beat of each bar length.
    package let metreScores: [(beats: Int, score: Float)]
    /// Of each beat: log-likelihood ratios of a bar's first beat and of another, and the harmony's evidence for a first.
    package let barEvidence: [[Float]]

    package init(_ samples: AudioSamples, model: RhythmModel = .builtIn) {
        let signal = AnalysisSignal(samples)
        let harmony = HarmonyAnalysis(signal)
        let onsets = OnsetSpectrogram(signal)
        let picked = OnsetPicker().pick(onsets)
        let changes = HarmonicRhythm(harmony.chroma, chords: harmony.firstPath)
        let observations = RhythmObservations(onsets, picked: picked, changes, harmony.novelty, model.network)
        levels = TempoEstimator(model: model).levels(observations).map(\.level)
        let analysis = RhythmAnalysis(onsets, picked: picked, changes, harmony.novelty, model: model)
        (tempo, beats, downbeats, beatsPerBar) = (analysis.tempo, analysis.beats, analysis.downbeats, analysis.beatsPerBar)
        metreScores = analysis.metreScores
        barEvidence = analysis.barEvidence
    }
}
