import Numerics

/// Says how well each chord of the vocabulary explains each frame. The classical model is templates; a trained one fits the same place.
public protocol ChordObservationModel: Sendable {
    /// frames × states of the vocabulary (chords, then "no chord"), log-likelihoods up to a constant a frame.
    func logLikelihoods(_ chroma: ChromaSequence) -> Matrix
}

/// Cosine similarity of treble chroma with the chord's notes and of bass chroma with root, fifth and third.
struct ChordTemplates: ChordObservationModel {
    /// Log-likelihood per unit of similarity.
    private let sharpness: Float = 14
    private let bassWeight: Float = 0.35
    /// Similarity that "no chord" is given: what noise reaches with its best chord.
    private let noChordSimilarity: Float = 0.72
    /// Frames this far below the clip's typical strength have no chord.
    private let silenceRatio: Float = 0.12
    /// One pitch class with this much of the chroma's norm is a tone and no chord.
    private let bareToneShare: Float = 0.92
    /// Where pitch classes come and go like this there is noise and no harmony.
    private let noiseStability: Float = 0.12

    func logLikelihoods(_ chroma: ChromaSequence) -> Matrix {
        let unitTreble = Self.unitRows(chroma.treble)
        let treble = unitTreble.multiplied(byTransposeOf: Self.trebleTemplates)
        let bass = Self.unitRows(chroma.bass).multiplied(byTransposeOf: Self.bassTemplates)
        // Over four seconds: a melody without chords moves, and keeps the chords that it implies.
        let tonality = Smoothing.mean((0 ..< chroma.frameCount).map { unitTreble[row: $0].max() ?? 0 }, reach: 21)
        let typical = chroma.energy.sorted()[safe: chroma.frameCount / 2] ?? 0
        var result = Matrix(rows: chroma.frameCount, columns: ChordVocabulary.stateCount)
        for frame in 0 ..< chroma.frameCount {
            for (state, chord) in ChordVocabulary.chords.enumerated() {
                let handicap = ChordVocabulary.qualities[chord.quality].handicap
                result[frame, state] = sharpness * (treble[frame, state] + bassWeight * bass[frame, state] - handicap)
            }
            let isNoise = chroma.stability[frame] < noiseStability
            let isSilent = chroma.energy[frame] <= silenceRatio * typical || chroma.energy[frame] < 1e-3
            let isBareTone = tonality[frame] > bareToneShare
            let bonus: Float = isSilent || isNoise ? 1 : isBareTone ? 0.5 : 0
            result[frame, ChordVocabulary.noChord] = sharpness * (noChordSimilarity + bonus)
        }
        return result
    }

    private static let trebleTemplates = templates { quality in
        // The root a little stronger: a bare tone is then read as the root it is.
        quality.intervals.map { (interval: $0, weight: $0 == 0 ? 1 : Float(0.95)) }
    }
    private static let bassTemplates = templates { quality in
        [(interval: 0, weight: Float(1)), (interval: 7, weight: Float(0.5)), (interval: quality.intervals[1], weight: Float(0.5))]
    }

    /// chords × 12, unit rows.
    private static func templates(_ weights: (ChordVocabulary.Quality) -> [(interval: Int, weight: Float)]) -> Matrix {
        var result = Matrix(rows: ChordVocabulary.chords.count, columns: 12)
        for (row, chord) in ChordVocabulary.chords.enumerated() {
            for (interval, weight) in weights(ChordVocabulary.qualities[chord.quality]) {
                result[row, (chord.root.number + interval) % 12] = weight
            }
        }
        return unitRows(result)
    }

    private static func unitRows(_ matrix: Matrix) -> Matrix {
        var result = matrix
        for row in 0 ..< matrix.rows {
            let norm = Reductions.sumOfSquares(Array(matrix[row: row])).squareRoot() + 1e-6
            for column in 0 ..< matrix.columns { result[row, column] = matrix[row, column] / norm }
        }
        return result
    }
}
