import NumericKernels

/// Single note and drum onsets: local maxima of the flux over an adaptive threshold.
struct OnsetPicker: Sendable {
    struct Onsets: Sendable {
        /// Seconds.
        var times: [Double]
        /// 0…1: how many of the bands rise together at an onset, on average; drums reach across the spectrum, notes do not.
        var percussiveness: Double
    }

    /// A rise of this much in log10 magnitude, mean over the bands, is the least that counts.
    private let threshold: Float = 0.03
    private let minimumDistance = 5

    func pick(_ onsets: OnsetSpectrogram) -> Onsets {
        let flux = (0 ..< onsets.frameCount).map { frame in Reductions.sum(Array(onsets.flux[row: frame])) / 4 }
        let near = Smoothing.maximum(flux, reach: 3)
        let mean = Smoothing.mean(flux, reach: 15)
        let loudest = Smoothing.maximum(flux, reach: 300)
        var frames: [Int] = []
        for frame in flux.indices where flux[frame] >= near[frame] && flux[frame] > mean[frame] + max(threshold, 0.08 * loudest[frame]) {
            if let last = frames.last, frame - last < minimumDistance { continue }
            frames.append(frame)
        }
        let breadths = frames.map { breadth(onsets.bands, at: $0) }
        return Onsets(times: frames.map { max(0, Double($0) / OnsetSpectrogram.frameRate - RhythmAnalysis.onsetLead) },
                      percussiveness: Double(Reductions.mean(breadths)))
    }

    /// Share of the bands that rise by at least 0.1 (a quarter louder) around a frame.
    private func breadth(_ bands: Matrix, at frame: Int) -> Float {
        let (before, after) = (max(0, frame - 3), min(bands.rows - 1, frame + 2))
        let rising = (0 ..< bands.columns).count { bands[after, $0] - bands[before, $0] > 0.1 }
        return Float(rising) / Float(max(1, bands.columns))
    }
}
