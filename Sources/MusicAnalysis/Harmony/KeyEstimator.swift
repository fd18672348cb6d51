import Glibc
import Numerics

/// The key from the summed chroma and from the chords, as 24 scores.
struct KeyEstimator: Sendable {
    struct Estimate: Sendable {
        var key: MusicalKey
        /// 0…1, the share of a softmax over the 24 keys.
        var confidence: Double
    }

    /// Weight of the chord evidence beside the profile correlation.
    private let chordWeight: Float = 1.6
    /// Keys' scores differ by tenths: a softmax of this sharpness makes probabilities of them.
    private let sharpness: Float = 7

    /// A shorter piece of music has no key that could be told.
    private static let leastSeconds = 3.0

    /// Nil where there is nothing tonal.
    func estimate(_ chroma: ChromaSequence, chords: ChordDecoder.Path) -> Estimate? {
        guard Double(chroma.frameCount) * chroma.frameSeconds >= Self.leastSeconds else { return nil }
        var sum = [Float](repeating: 0, count: 12)
        for frame in 0 ..< chroma.frameCount {
            for pitch in 0 ..< 12 { sum[pitch] += chroma.treble[frame, pitch] + 0.5 * chroma.bass[frame, pitch] }
        }
        guard Reductions.sum(sum) > 0 else { return nil }
        let histogram = Self.histogram(chords.states)
        // Too little of the clip carries a chord: tones or noise, and no key.
        guard histogram.share > 0.25, histogram.distinct > 1 else { return nil }
        let scores = (0 ..< 24).map { index in
            let key = MusicalKey(index: index)
            return Self.correlation(sum, key) + chordWeight * Self.chordEvidence(histogram, key)
        }
        let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        let weights = scores.map { exp(sharpness * ($0 - scores[best])) }
        return Estimate(key: MusicalKey(index: best), confidence: Double(1 / weights.reduce(0, +)))
    }

    private struct ChordHistogram {
        /// Share of the time of each root, major and minor.
        var major = [Float](repeating: 0, count: 12)
        var minor = [Float](repeating: 0, count: 12)
        var share: Float = 0
        var distinct = 0
    }

    private static func histogram(_ states: [Int]) -> ChordHistogram {
        var result = ChordHistogram()
        var counted = 0
        for state in states where state < ChordVocabulary.noChord {
            let chord = ChordVocabulary.chords[state]
            switch ChordVocabulary.qualities[chord.quality].harte {
            case "maj": result.major[chord.root.number] += 1
            case "min": result.minor[chord.root.number] += 1
            default: continue
            }
            counted += 1
        }
        guard counted > 0 else { return result }
        result.share = Float(counted) / Float(states.count)
        result.distinct = (result.major + result.minor).count { $0 > 0 }
        for root in 0 ..< 12 {
            result.major[root] /= Float(counted)
            result.minor[root] /= Float(counted)
        }
        return result
    }

    /// How much each degree's chord speaks for a key: (semitones above the tonic, minor, weight).
    private static let majorDegrees: [(Int, Bool, Float)] = [
        (0, false, 1), (5, false, 0.75), (7, false, 0.8), (9, true, 0.6), (2, true, 0.45), (4, true, 0.4), (10, false, 0.1),
    ]
    private static let minorDegrees: [(Int, Bool, Float)] = [
        (0, true, 1), (5, true, 0.65), (7, true, 0.45), (7, false, 0.55), (8, false, 0.6), (3, false, 0.55), (10, false, 0.5), (2, true, 0.05),
    ]

    private static func chordEvidence(_ histogram: ChordHistogram, _ key: MusicalKey) -> Float {
        (key.isMinor ? minorDegrees : majorDegrees).reduce(0) { sum, degree in
            let root = (key.tonic.number + degree.0) % 12
            return sum + degree.2 * (degree.1 ? histogram.minor[root] : histogram.major[root])
        }
    }

    /// Temperley's profiles from the Essen collection (2007), as in the literature on key finding.
    private static let majorProfile: [Float] = [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400]
    private static let minorProfile: [Float] = [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330]

    /// Pearson correlation of the chroma with the key's profile.
    private static func correlation(_ chroma: [Float], _ key: MusicalKey) -> Float {
        let profile = key.isMinor ? minorProfile : majorProfile
        let (chromaMean, profileMean) = (Reductions.mean(chroma), Reductions.mean(profile))
        var (product, a, b) = (Float(0), Float(0), Float(0))
        for pitch in 0 ..< 12 {
            let x = chroma[(pitch + key.tonic.number) % 12] - chromaMean
            let y = profile[pitch] - profileMean
            product += x * y
            a += x * x
            b += y * y
        }
        return a > 0 && b > 0 ? product / (a * b).squareRoot() : 0
    }
}
