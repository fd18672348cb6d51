import Glibc
import NumericKernels

/// Kaldi's log mel spectrum, as `torchaudio.compliance.kaldi.fbank` computes it with `htk_compat`, a symmetric Hann window, no energy and no dither: frames of 25 ms every
/// 10 ms, each without its mean, with a pre-emphasis of 0.97, its power spectrum in triangles evenly spread over the mel scale from 20 Hz to the Nyquist frequency.
public struct KaldiFilterBank: Sendable {
    public let sampleRate: Int
    public let melBins: Int
    /// Samples.
    public let window: Int
    public let hop: Int

    private static let preemphasis: Float = 0.97
    private static let lowestFrequency = 20.0
    private let weights: [Float]
    private let transform: RealFourierTransform
    private let filters: [Filter]

    /// A triangle's weights, from bin `first` on.
    private struct Filter: Sendable {
        var first: Int
        var weights: [Float]
    }

    /// - Parameters:
    ///   - sampleRate: Hz, from 8,000.
    ///   - melBins: positive.
    public init(sampleRate: Int, melBins: Int) {
        precondition(sampleRate >= 8_000 && melBins > 0, "a filter bank is for 8 kHz or more and some bins")
        self.sampleRate = sampleRate
        self.melBins = melBins
        window = sampleRate * 25 / 1_000
        hop = sampleRate * 10 / 1_000
        let count = window
        weights = (0 ..< count).map { Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(count - 1))) }
        var length = 4
        while length < window { length *= 2 }
        transform = RealFourierTransform(length: length)
        filters = Self.filters(sampleRate: sampleRate, length: length, count: melBins)
    }

    /// Frames of `count` samples; none of fewer than ``window``.
    public func frameCount(sampleCount count: Int) -> Int { count < window ? 0 : 1 + (count - window) / hop }

    /// The spectrum of samples of full scale ±1, frame after frame: `frameCount × melBins` natural logarithms of power, no less than log 1.19e-7.
    public func spectrum(_ samples: ArraySlice<Float>) -> [Float] {
        let frames = frameCount(sampleCount: samples.count), lanes = RealFourierTransform.Lanes.scalarCount
        var result = [Float](repeating: 0, count: frames * melBins)
        var workspace = transform.makeWorkspace()
        var power = [RealFourierTransform.Lanes](repeating: .zero, count: transform.binCount)
        for group in stride(from: 0, to: frames, by: lanes) {
            let count = min(lanes, frames - group)
            for index in workspace.samples.indices { workspace.samples[index] = .zero }
            for lane in 0 ..< count { load(samples, at: samples.startIndex + (group + lane) * hop, into: &workspace, lane: lane) }
            transform.transform(&workspace)
            for bin in power.indices { power[bin] = workspace.real[bin] * workspace.real[bin] + workspace.imaginary[bin] * workspace.imaginary[bin] }
            for (mel, filter) in filters.enumerated() {
                var energy = RealFourierTransform.Lanes.zero
                for (offset, weight) in filter.weights.enumerated() { energy += weight * power[filter.first + offset] }
                for lane in 0 ..< count { result[(group + lane) * melBins + mel] = log(max(energy[lane], Float.ulpOfOne)) }
            }
        }
        return result
    }

    /// A frame without its mean, emphasised and windowed.
    private func load(_ samples: ArraySlice<Float>, at start: Int, into workspace: inout RealFourierTransform.Workspace, lane: Int) {
        var sum = 0.0
        for sample in samples[start ..< start + window] { sum += Double(sample) }
        let mean = Float(sum / Double(window))
        var previous = samples[start] - mean
        for index in 0 ..< window {
            let sample = samples[start + index] - mean
            workspace.samples[index][lane] = (sample - Self.preemphasis * previous) * weights[index]
            previous = sample
        }
    }

    /// Step by step in single precision, as torchaudio does: where a triangle has hardly any weight on a bin, that rounding shows in the logarithm.
    private static func filters(sampleRate: Int, length: Int, count: Int) -> [Filter] {
        func mel(_ frequency: Double) -> Double { 1_127 * log(1 + frequency / 700) }
        let low = mel(lowestFrequency), step = (mel(0.5 * Double(sampleRate)) - low) / Double(count + 1)
        let bins = (0 ..< length / 2).map { bin -> Float in
            let frequency = Float(Double(sampleRate) / Double(length)) * Float(bin)
            return 1_127 * Float(log(Double(1 + frequency / 700)))
        }
        return (0 ..< count).map { index in
            let left = Float(low) + Float(index) * Float(step), centre = Float(low) + (Float(index) + 1) * Float(step), right = Float(low) + (Float(index) + 2) * Float(step)
            let weights = bins.map { max(0, min(($0 - left) / (centre - left), (right - $0) / (right - centre))) }
            let first = weights.firstIndex { $0 > 0 } ?? 0, end = (weights.lastIndex { $0 > 0 } ?? -1) + 1
            return Filter(first: first, weights: first < end ? Array(weights[first ..< end]) : [])
        }
    }
}
