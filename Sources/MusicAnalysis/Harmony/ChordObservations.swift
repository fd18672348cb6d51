import Glibc
import NumericKernels

/// How well each state of the vocabulary explains each frame: what the network hears, its sevenths added to their triads, and
/// what is certain without it.
struct ChordObservations: Sendable {
    /// Log-likelihood against any chord where there is certainly none: more than the network's surest chord has.
    private static let noHarmonyPenalty: Float = 25
    /// Frames this far below the clip's typical strength have no chord.
    private static let silenceRatio: Float = 0.12
    /// One pitch class with this much of the chroma's norm all through four seconds is a tone and no chord; a tune alone has less.
    private static let bareToneShare: Float = 0.97
    /// Where pitch classes come and go like this, and no chord is heard with at least this probability over four seconds, there is
    /// noise and no harmony. Either alone may be music: chords that change with every beat, or a dense mix.
    private static let noiseStability: Float = 0.12
    private static let noiseCertainty: Float = 0.4
    /// Frames to each side over which noise and tones are told: two seconds.
    private static let reach = 21
    /// Labels that sound in none of a frame's chords.
    private static let leastProbability: Float = 1e-9

    /// frames × `ChordVocabulary.stateCount`, log-probabilities.
    let logLikelihoods: Matrix

    init(_ chroma: ChromaSequence, _ registers: RegisterChroma, _ network: ChordNetwork) {
        let heard = network.logProbabilities(registers)
        let sums = (0 ..< heard.rows).map { Self.labelProbabilities(heard[row: $0]) }
        let penalties = Self.penalties(chroma, certainties: sums.map { $0[..<ChordVocabulary.noChord].max() ?? 0 })
        var result = Matrix(rows: heard.rows, columns: ChordVocabulary.stateCount)
        for frame in 0 ..< heard.rows {
            result[row: frame] = sums[frame].enumerated().map { state, sum in
                log(max(sum, Self.leastProbability)) - (state == ChordVocabulary.noChord ? 0 : penalties[frame])
            }[...]
        }
        logLikelihoods = result
    }

    /// Probabilities of the qualities that share a label are added.
    private static func labelProbabilities(_ heard: ArraySlice<Float>) -> [Float] {
        var sums = [Float](repeating: 0, count: ChordVocabulary.stateCount)
        for (index, value) in heard.enumerated() {
            let state = index < 12 * ChordVocabulary.qualities.count ? 12 * ChordVocabulary.qualities[index / 12].label + index % 12 : ChordVocabulary.noChord
            sums[state] += exp(value)
        }
        return sums
    }

    /// What is taken from every chord, frame by frame; `certainties` are the probabilities of the frames' best chords.
    private static func penalties(_ chroma: ChromaSequence, certainties: [Float]) -> [Float] {
        let tops = (0 ..< chroma.frameCount).map { frame -> Float in
            let row = Array(chroma.treble[row: frame])
            return (row.max() ?? 0) / (Reductions.sumOfSquares(row).squareRoot() + 1e-6)
        }
        let tonality = Smoothing.mean(tops, reach: reach)
        let certainty = Smoothing.mean(certainties, reach: reach)
        let typical = chroma.energy.sorted()[safe: chroma.frameCount / 2] ?? 0
        return (0 ..< chroma.frameCount).map { frame in
            let isSilent = chroma.energy[frame] <= silenceRatio * typical || chroma.energy[frame] < 1e-3
            let isNoise = chroma.stability[frame] < noiseStability && certainty[frame] < noiseCertainty
            return isSilent || isNoise || tonality[frame] > bareToneShare ? noHarmonyPenalty : 0
        }
    }
}
