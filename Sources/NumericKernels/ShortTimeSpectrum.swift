/// Power spectra of overlapping frames of one or more channels, delivered eight frames at a time.
///
/// The power of the channels is *added*: a mono sum would silence what is in opposite phase left and right.
/// Frame i is centred at sample `i · hop`; outside the signal there are zeros.
public struct ShortTimeSpectrum: Sendable {
    /// Eight consecutive frames.
    public struct Batch: Sendable {
        /// Index of the frame in lane 0.
        public internal(set) var firstFrame: Int
        /// Lanes in use, 1…8; the others are zero.
        public internal(set) var frameCount: Int
        /// Power of each bin (`binCount`), all channels together, divided by the window's gain: a full-scale
        /// sinusoid on a bin has power 1 per channel.
        public internal(set) var power: [SIMD8<Float>]
    }

    public let frameLength: Int
    /// Samples between frames; need not be whole (centres are rounded).
    public let hop: Double
    /// Bins of each spectrum: `frameLength / 2 + 1`, or as many as are wanted.
    public let binCount: Int
    private let transform: RealFourierTransform
    private let window: [Float]
    private let powerScale: Float

    /// - Parameter binLimit: how many of the bins are wanted, from the lowest; all of them where nil.
    public init(frameLength: Int, hop: Double, window: WindowFunction = .hann, binLimit: Int? = nil) {
        precondition(hop >= 1, "frames advance")
        precondition(binLimit ?? 1 > 0, "a spectrum has a bin")
        self.frameLength = frameLength
        self.hop = hop
        transform = RealFourierTransform(length: frameLength)
        binCount = min(binLimit ?? transform.binCount, transform.binCount)
        self.window = window.weights(frameLength)
        let gain = Reductions.sum(self.window) / 2
        powerScale = 1 / (gain * gain)
    }

    /// Frames whose centre lies inside a signal of `sampleCount` samples.
    public func frameCount(sampleCount: Int) -> Int {
        sampleCount <= 0 ? 0 : Int(Double(sampleCount - 1) / hop) + 1
    }

    /// Calls `body` with every batch, in order. All channels have the same number of samples.
    public func forEachBatch(of channels: [[Float]], _ body: (borrowing Batch) -> Void) {
        guard let sampleCount = channels.first?.count else { return }
        precondition(channels.allSatisfy { $0.count == sampleCount }, "channels have equal lengths")
        let frames = frameCount(sampleCount: sampleCount)
        var workspace = transform.makeWorkspace()
        var batch = Batch(firstFrame: 0, frameCount: 0, power: [SIMD8<Float>](repeating: .zero, count: binCount))
        for first in stride(from: 0, to: frames, by: 8) {
            batch.firstFrame = first
            batch.frameCount = min(8, frames - first)
            for bin in batch.power.indices { batch.power[bin] = .zero }
            for channel in channels {
                load(channel, first, batch.frameCount, into: &workspace.samples)
                transform.transform(&workspace, bins: binCount)
                for bin in batch.power.indices {
                    let (real, imaginary) = (workspace.real[bin], workspace.imaginary[bin])
                    batch.power[bin] += (real * real + imaginary * imaginary) * powerScale
                }
            }
            body(batch)
        }
    }

    private func load(_ channel: [Float], _ firstFrame: Int, _ frames: Int, into samples: inout [SIMD8<Float>]) {
        let starts = (0 ..< 8).map { Int((Double(firstFrame + $0) * hop).rounded()) - frameLength / 2 }
        let inside = frames == 8 && starts[0] >= 0 && starts[7] + frameLength <= channel.count
        samples.withUnsafeMutableBufferPointer { samples in
            channel.withUnsafeBufferPointer { channel in
                if inside {
                    // Invariant: every start + frameLength lies within the channel (checked above).
                    let (s0, s1, s2, s3) = (starts[0], starts[1], starts[2], starts[3])
                    let (s4, s5, s6, s7) = (starts[4], starts[5], starts[6], starts[7])
                    for index in 0 ..< frameLength {
                        samples[index] = SIMD8(
                            channel[s0 + index], channel[s1 + index], channel[s2 + index], channel[s3 + index],
                            channel[s4 + index], channel[s5 + index], channel[s6 + index], channel[s7 + index]) * window[index]
                    }
                } else {
                    for index in 0 ..< frameLength {
                        var lanes = SIMD8<Float>.zero
                        for lane in 0 ..< frames {
                            let position = starts[lane] + index
                            if position >= 0 && position < channel.count { lanes[lane] = channel[position] }
                        }
                        samples[index] = lanes * window[index]
                    }
                }
            }
        }
    }
}
