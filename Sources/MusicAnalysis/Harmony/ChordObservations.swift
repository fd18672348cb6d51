import Glibc
import Numerics

/// How well each state of the vocabulary explains each frame: what the network hears, its sevenths added to their triads, and
/// what is certain without it.
struct ChordObservations: Sendable {
    /// Log-likelihood against any chord where there is certainly none: more than the network's surest chord has.
    private static let noHarmonyPenalty: Float = 25
    /// Frames this far below the clip's typical strength have no chord.
    private static let silenceRatio: Float = 0.12
    /// One pitch class with this much of the chroma's norm all through four seconds is a tone and no chord; a tune alone has less.
    private static let bareToneShare: Float = 0.97
    /// Where pitch classes come and go like this there is noise and no harmony.
    private static let noiseStability: Float = 0.12
    /// Labels that sound in none of a frame's chords.
    private static let leastProbability: Float = 1e-9

    /// frames × `ChordVocabulary.stateCount`, log-probabilities.
    let logLikelihoods: Matrix

    init(_ chroma: ChromaSequence, _ registers: RegisterChroma, _ network: ChordNetwork) {
        let heard = network.logProbabilities(registers)
        let penalties = Self.penalties(chroma)
        var result = Matrix(rows: heard.rows, columns: ChordVocabulary.stateCount)
        for frame in 0 ..< heard.rows {
            var sums = [Float](repeating: 0, count: ChordVocabulary.stateCount)
            for (quality, entry) in ChordVocabulary.qualities.enumerated() {
                for root in 0 ..< 12 { sums[12 * entry.label + root] += exp(heard[frame, 12 * quality + root]) }
            }
            sums[ChordVocabulary.noChord] = exp(heard[frame, heard.columns - 1])
            result[row: frame] = sums.enumerated().map { state, sum in
                log(max(sum, Self.leastProbability)) - (state == ChordVocabulary.noChord ? 0 : penalties[frame])
            }[...]
        }
        logLikelihoods = result
    }

    /// What is taken from every chord, frame by frame.
    private static func penalties(_ chroma: ChromaSequence) -> [Float] {
        let tops = (0 ..< chroma.frameCount).map { frame -> Float in
            let row = Array(chroma.treble[row: frame])
            return (row.max() ?? 0) / (Reductions.sumOfSquares(row).squareRoot() + 1e-6)
        }
        let tonality = Smoothing.mean(tops, reach: 21)
        let typical = chroma.energy.sorted()[safe: chroma.frameCount / 2] ?? 0
        return (0 ..< chroma.frameCount).map { frame in
            let isSilent = chroma.energy[frame] <= silenceRatio * typical || chroma.energy[frame] < 1e-3
            let isCertain = isSilent || chroma.stability[frame] < noiseStability || tonality[frame] > bareToneShare
            return isCertain ? noHarmonyPenalty : 0
        }
    }
}
