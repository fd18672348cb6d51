import NumericKernels

/// Where onsets are, all and low ones, beside what the network hears: rises above their surroundings, each register scaled by its own activity, the sum by the loudest nearby.
struct OnsetBeatModel: Sendable {
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
