import NumericKernels

/// What is trained for the rhythm: the network that hears beats, and the classifier that decides between metrical levels.
package struct RhythmModel: Sendable {
    let network: BeatNetwork
    /// Nil while it is being trained.
    let classifier: LevelClassifier?

    /// The model that is built into the program: its file is checked by the tests, so that one that does not fit is a programmer's mistake.
    package static let builtIn: RhythmModel = {
        do {
            return try RhythmModel(SafetensorsFile(.rhythm))
        } catch {
            preconditionFailure("the built-in rhythm model: \(error)")
        }
    }()

    /// - Throws: when a tensor is missing or has another shape.
    package init(_ file: SafetensorsFile) throws(SafetensorsFile.FormatError) {
        network = try BeatNetwork(file)
        classifier = file.names.contains { $0.hasPrefix("level.") } ? try LevelClassifier(file) : nil
    }

    /// How credible a level is, as a log-odds.
    func score(_ level: MetricalLevel) -> Float {
        classifier?.score(level.evidence) ?? (level[.likelihood] + level[.tempoBelowBest])
    }
}
