import NumericKernels

/// What was learnt of harmony: the chord network, the chords' transitions, the key head.
package struct HarmonyModel: Sendable {
    package let chords: ChordNetwork
    let transitions: ChordTransitions
    let key: KeyNetwork

    /// - Throws: when a tensor is missing or has another shape.
    package init(_ file: SafetensorsFile) throws(SafetensorsFile.FormatError) {
        chords = try ChordNetwork(file)
        transitions = try ChordTransitions(file)
        key = try KeyNetwork(file)
    }

    /// Probabilities of the 24 keys, major from C, then minor, of chroma and the decoder's state in each frame.
    package func keyProbabilities(_ chroma: RegisterChroma, states: [Int]) -> [Float] {
        key.probabilities(chroma, states: states, transitions)
    }

    /// The model that is built into the program: the tests read it, so that one that does not fit is a programmer's mistake.
    package static let builtIn: HarmonyModel = {
        do {
            return try HarmonyModel(SafetensorsFile(.harmony))
        } catch {
            preconditionFailure("the built-in harmony model: \(error)")
        }
    }()
}
