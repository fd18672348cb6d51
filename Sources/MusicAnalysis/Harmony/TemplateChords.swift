import NumericKernels

/// Chords by templates, frame by frame, without beats or key: cosine similarity of treble chroma with each chord's notes and of
/// bass chroma with root, fifth and third, decoded so that chords last.
///
/// The chord network hears chords better. But *when* harmony moves, passing chords and all, is what the rhythm analysis weighs
/// against its beats, and its classifiers are trained on this.
struct TemplateChords: Sendable {
    private struct Quality {
        let intervals: [Int]
        /// Which of its kin it counts as.
        let kind: Int
        /// How much more evidence it needs: every passing note would make a seventh chord.
        let handicap: Float
    }

    private static let qualities: [Quality] = [
        Quality(intervals: [0, 4, 7], kind: 0, handicap: 0), Quality(intervals: [0, 3, 7], kind: 1, handicap: 0),
        Quality(intervals: [0, 4, 7, 10], kind: 0, handicap: 0.03), Quality(intervals: [0, 4, 7, 11], kind: 0, handicap: 0.05),
        Quality(intervals: [0, 3, 7, 10], kind: 1, handicap: 0.04), Quality(intervals: [0, 3, 6], kind: 2, handicap: 0.06),
        Quality(intervals: [0, 5, 7], kind: 4, handicap: 0.3), Quality(intervals: [0, 3, 6, 10], kind: 2, handicap: 0.08),
        Quality(intervals: [0, 4, 7, 9], kind: 0, handicap: 0.12), Quality(intervals: [0, 3, 7, 9], kind: 1, handicap: 0.12),
        Quality(intervals: [0, 4, 8], kind: 3, handicap: 0.3),
    ]
    /// Log-likelihood per unit of similarity; weight of the bass; similarity that "no chord" is given, and what it gains in noise or
    /// silence and on a bare tone.
    private static let sharpness: Float = 14
    private static let bassWeight: Float = 0.35
    private static let noChordSimilarity: Float = 0.72
    private static let noHarmonyBonus: Float = 1
    private static let bareToneBonus: Float = 0.5
    private static let bareToneShare: Float = 0.92
    private static let noiseStability: Float = 0.12
    private static let silenceRatio: Float = 0.12
    /// Cost of a change, in log-likelihood.
    private static let changeCost: Float = 3

    /// Root and kind of each frame's chord as one number; −1 where there is none.
    let labels: [Int]

    init(_ chroma: ChromaSequence) {
        let likelihoods = Self.likelihoods(chroma)
        labels = Self.decode(likelihoods).map { state in
            state < 12 * Self.qualities.count ? 12 * Self.qualities[state / 12].kind + state % 12 : -1
        }
    }

    /// frames × (qualities · 12 + 1).
    private static func likelihoods(_ chroma: ChromaSequence) -> Matrix {
        let unitTreble = unitRows(chroma.treble)
        let treble = unitTreble.multiplied(byTransposeOf: trebleTemplates)
        let bass = unitRows(chroma.bass).multiplied(byTransposeOf: bassTemplates)
        let tonality = Smoothing.mean((0 ..< chroma.frameCount).map { unitTreble[row: $0].max() ?? 0 }, reach: 21)
        let typical = chroma.energy.sorted()[safe: chroma.frameCount / 2] ?? 0
        var result = Matrix(rows: chroma.frameCount, columns: 12 * qualities.count + 1)
        for frame in 0 ..< chroma.frameCount {
            for state in 0 ..< 12 * qualities.count {
                result[frame, state] = sharpness * (treble[frame, state] + bassWeight * bass[frame, state] - qualities[state / 12].handicap)
            }
            let isSilent = chroma.energy[frame] <= silenceRatio * typical || chroma.energy[frame] < 1e-3
            let bonus = isSilent || chroma.stability[frame] < noiseStability ? noHarmonyBonus : tonality[frame] > bareToneShare ? bareToneBonus : 0
            result[frame, 12 * qualities.count] = sharpness * (noChordSimilarity + bonus)
        }
        return result
    }

    private static func decode(_ likelihoods: Matrix) -> [Int] {
        let (frames, states) = (likelihoods.rows, likelihoods.columns)
        guard frames > 0 else { return [] }
        var score = Array(likelihoods[row: 0])
        var origins = [Int32](repeating: 0, count: frames * states)
        for frame in 1 ..< max(frames, 1) {
            var best = 0
            for state in 1 ..< states where score[state] > score[best] { best = state }
            let changed = score[best] - changeCost
            for state in 0 ..< states {
                let stays = score[state] >= changed
                origins[frame * states + state] = Int32(stays ? state : best)
                score[state] = (stays ? score[state] : changed) + likelihoods[frame, state]
            }
        }
        var state = score.indices.max { score[$0] < score[$1] } ?? 0
        var path = [Int](repeating: 0, count: frames)
        for frame in stride(from: frames - 1, through: 0, by: -1) {
            path[frame] = state
            if frame > 0 { state = Int(origins[frame * states + state]) }
        }
        return path
    }

    private static let trebleTemplates = templates { quality in
        // The root a little stronger: a bare tone is then read as the root it is.
        quality.intervals.map { (interval: $0, weight: $0 == 0 ? 1 : Float(0.95)) }
    }
    private static let bassTemplates = templates { quality in
        [(interval: 0, weight: Float(1)), (interval: 7, weight: Float(0.5)), (interval: quality.intervals[1], weight: Float(0.5))]
    }

    /// chords × 12, unit rows.
    private static func templates(_ weights: (Quality) -> [(interval: Int, weight: Float)]) -> Matrix {
        var result = Matrix(rows: 12 * qualities.count, columns: 12)
        for row in 0 ..< result.rows {
            for (interval, weight) in weights(qualities[row / 12]) { result[row, (row + interval) % 12] = weight }
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
