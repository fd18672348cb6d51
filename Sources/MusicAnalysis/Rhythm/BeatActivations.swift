import Glibc
import Numerics

/// How much each hundredth of a second looks like a beat, 0…1, and like a bar's first beat.
public struct BeatActivations: Sendable {
    /// Frames a second.
    public let frameRate: Double
    public let beat: [Float]
    /// Strength of what marks bar starts: bass and drums.
    public let accent: [Float]
}

/// Turns onsets into beat activations. The classical model normalises and adds the registers; a trained one fits the same place.
protocol BeatObservationModel: Sendable {
    func activations(_ onsets: OnsetSpectrogram) -> BeatActivations
}

/// Rises above their surroundings, each register scaled by its own activity, the sum by the loudest nearby.
struct OnsetBeatModel: BeatObservationModel {
    private let registerWeights: [Float] = [1.0, 0.8, 0.9, 0.7]
    /// Half-widths in frames of the local mean and of the local maximum.
    private let meanReach = 20
    private let peakReach = 200

    func activations(_ onsets: OnsetSpectrogram) -> BeatActivations {
        var sum = [Float](repeating: 0, count: onsets.frameCount)
        for register in 0 ..< OnsetSpectrogram.registerCount {
            let flux = onsets.flux.column(register)
            let scale = (Reductions.sumOfSquares(flux) / Float(max(1, flux.count))).squareRoot() + 0.01
            for frame in sum.indices { sum[frame] += registerWeights[register] * flux[frame] / scale }
        }
        let low = onsets.flux.column(0)
        return BeatActivations(frameRate: OnsetSpectrogram.frameRate, beat: emphasised(sum), accent: emphasised(low))
    }

    /// What rises above the local mean, divided by the local maximum (at least a quarter of the overall one).
    private func emphasised(_ envelope: [Float]) -> [Float] {
        let mean = Smoothing.mean(envelope, reach: meanReach)
        let risen = envelope.indices.map { max(0, envelope[$0] - mean[$0]) }
        let peaks = Smoothing.mean(Smoothing.maximum(risen, reach: peakReach), reach: peakReach)
        let floor = 0.25 * (peaks.max() ?? 0)
        let result = risen.indices.map { min(1, risen[$0] / max(peaks[$0], floor, 1e-6)) }
        return Smoothing.triangle(result)
    }
}

/// Running means and maxima over a window of `2 · reach + 1` values, cut at the ends.
enum Smoothing {
    static func mean(_ values: [Float], reach: Int) -> [Float] {
        var sums = [Double](repeating: 0, count: values.count + 1)
        for (index, value) in values.enumerated() { sums[index + 1] = sums[index] + Double(value) }
        return values.indices.map { index in
            let (low, high) = (max(0, index - reach), min(values.count, index + reach + 1))
            return Float((sums[high] - sums[low]) / Double(high - low))
        }
    }

    /// Monotone queue: each value enters and leaves once.
    static func maximum(_ values: [Float], reach: Int) -> [Float] {
        var result = [Float](repeating: 0, count: values.count)
        var queue: [Int] = []
        var head = 0
        var next = 0
        for index in values.indices {
            while next < min(values.count, index + reach + 1) {
                while queue.count > head, values[queue[queue.count - 1]] <= values[next] { queue.removeLast() }
                queue.append(next)
                next += 1
            }
            while queue[head] < index - reach { head += 1 }
            result[index] = values[queue[head]]
        }
        return result
    }

    /// Weights ¼ ½ ¼.
    static func triangle(_ values: [Float]) -> [Float] {
        values.indices.map { index in
            0.5 * values[index] + 0.25 * (values[max(0, index - 1)] + values[min(values.count - 1, index + 1)])
        }
    }
}
