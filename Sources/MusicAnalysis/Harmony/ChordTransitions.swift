import NumericKernels

/// How chords follow each other in a key: log-probabilities of the next chord where one changes, counted in the training songs.
struct ChordTransitions: Sendable {
    /// In the major and the minor mode, as seen from the tonic: from × to.
    private let modes: [Matrix]

    /// - Throws: when the tensor is missing or has another shape.
    init(_ file: SafetensorsFile) throws(SafetensorsFile.FormatError) {
        let states = ChordVocabulary.stateCount
        let values = try file.tensor("transitions", shape: [2, states, states]).values
        modes = [0, 1].map { mode in Matrix(rows: states, columns: states, elements: Array(values[mode * states * states ..< (mode + 1) * states * states])) }
    }

    /// Seen from C: from × to.
    func matrix(in key: MusicalKey) -> Matrix {
        let mode = modes[key.isMinor ? 1 : 0]
        let seen = (0 ..< ChordVocabulary.stateCount).map { ChordVocabulary.relative($0, to: key.tonic) }
        var result = Matrix(rows: seen.count, columns: seen.count)
        for (row, from) in seen.enumerated() { result[row: row] = seen.map { mode[from, $0] }[...] }
        return result
    }

    /// Mean log-probability of the changes along a path in each of the 24 keys, less the mean of all; 0 where there is no change.
    func scores(_ states: [Int]) -> [Float] {
        let changes = zip(states, states.dropFirst()).filter { $0 != $1 }
        guard !changes.isEmpty else { return [Float](repeating: 0, count: 24) }
        let scores = (0 ..< 24).map { index -> Float in
            let key = MusicalKey(index: index)
            let mode = modes[key.isMinor ? 1 : 0]
            let sum = changes.reduce(Float(0)) { sum, change in
                sum + mode[ChordVocabulary.relative(change.0, to: key.tonic), ChordVocabulary.relative(change.1, to: key.tonic)]
            }
            return sum / Float(changes.count)
        }
        let mean = Reductions.mean(scores)
        return scores.map { $0 - mean }
    }
}
