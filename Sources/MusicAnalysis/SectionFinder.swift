import Glibc
import NumericKernels

/// Where the music changes for longer than a bar: novelty of its self-similarity (Foote, ICME 2000) in harmony, timbre and level.
struct SectionFinder: Sendable {
    struct Boundary: Sendable {
        /// Seconds.
        var time: Double
        /// 0…1.
        var confidence: Double
    }

    private let stepSeconds = 0.5
    /// Half the width of the checkerboard: what is compared before and after, in steps.
    private let reach = 12
    private let leastNovelty: Float = 0.12
    private let leastDistance = 8
    /// Differences below this are no change, however constant the sound is around them.
    private let leastSpread: Float = 0.02

    func boundaries(_ chroma: ChromaSequence, _ onsets: OnsetSpectrogram, beats: [Double], downbeats: [Double]) -> [Boundary] {
        let features = stepFeatures(chroma, onsets)
        guard features.count >= 2 * leastDistance else { return [] }
        let novelty = features.indices.map { step in noveltyAt(step, features) }
        let peaks = Smoothing.maximum(novelty, reach: leastDistance)
        return novelty.indices.filter { step in
            step >= leastDistance && step <= novelty.count - leastDistance
                && novelty[step] >= peaks[step] && novelty[step] >= leastNovelty
        }.map { step in
            let time = Double(step) * stepSeconds
            // Sections begin with bars, where bars are known.
            let bars = [downbeats, beats].lazy.compactMap { Self.nearest(to: time, in: $0, within: stepSeconds) }
            return Boundary(time: bars.first ?? time, confidence: Double(min(1, novelty[step] / 0.5)))
        }
    }

    /// Mean similarity within the spans before and after, less that between them.
    private func noveltyAt(_ step: Int, _ features: [[Float]]) -> Float {
        let before = max(0, step - reach) ..< step
        let after = step ..< min(features.count, step + reach)
        guard before.count >= 4, after.count >= 4 else { return 0 }
        let (a, b) = (Self.mean(features[before]), Self.mean(features[after]))
        var distance: Float = 0
        for index in a.indices { distance += (a[index] - b[index]) * (a[index] - b[index]) }
        var spread: Float = 0
        for (range, centre) in [(before, a), (after, b)] {
            for feature in features[range] {
                for index in centre.indices { spread += (feature[index] - centre[index]) * (feature[index] - centre[index]) / Float(range.count) }
            }
        }
        return distance / (distance + spread + leastSpread)
    }

    private static func nearest(to time: Double, in times: [Double], within reach: Double) -> Double? {
        times.min { abs($0 - time) < abs($1 - time) }.flatMap { abs($0 - time) <= reach ? $0 : nil }
    }

    private static func mean(_ rows: ArraySlice<[Float]>) -> [Float] {
        var sum = [Float](repeating: 0, count: rows.first?.count ?? 0)
        for row in rows { for index in sum.indices { sum[index] += row[index] / Float(rows.count) } }
        return sum
    }

    /// For each half second: twelve of chroma, eight of spectral envelope.
    private func stepFeatures(_ chroma: ChromaSequence, _ onsets: OnsetSpectrogram) -> [[Float]] {
        let count = Int(Double(onsets.frameCount) / OnsetSpectrogram.frameRate / stepSeconds)
        let bands = max(1, onsets.bands.columns / 8)
        return (0 ..< count).map { step in
            var feature = [Float](repeating: 0, count: 20)
            let frames = Int(stepSeconds * OnsetSpectrogram.frameRate)
            for frame in stride(from: step * frames, to: min((step + 1) * frames, onsets.frameCount), by: 2) {
                for band in 0 ..< onsets.bands.columns {
                    feature[12 + min(7, band / bands)] += onsets.bands[frame, band] / Float(bands * frames / 2)
                }
            }
            let first = Int(Double(step) * stepSeconds / chroma.frameSeconds)
            let last = min(chroma.frameCount, Int(Double(step + 1) * stepSeconds / chroma.frameSeconds) + 1)
            for frame in first ..< max(first, last) {
                for pitch in 0 ..< 12 { feature[pitch] += chroma.treble[frame, pitch] }
            }
            let norm = Reductions.sumOfSquares(Array(feature[..<12])).squareRoot() + 1e-6
            for pitch in 0 ..< 12 { feature[pitch] *= 0.5 / norm }
            return feature
        }
    }
}
