import Glibc
import NumericKernels

/// Windowed spectra of a mono signal, eight frames at a time: frame i begins at i hundredths of a second.
struct VoiceFrames: Sendable {
    enum Window: Sendable {
        case hamming, gauss
    }

    let length: Int
    let hop: Double
    let binHertz: Double
    let binCount: Int
    private let weights: [Float]
    private let transform: RealFourierTransform

    init(seconds: Double, window: Window, sampleRate: Int) {
        length = Int((seconds * Double(sampleRate)).rounded())
        hop = 0.01 * Double(sampleRate)
        var size = 4
        while size < length { size *= 2 }
        transform = RealFourierTransform(length: size)
        binHertz = Double(sampleRate) / Double(size)
        binCount = transform.binCount
        let middle = Double(length - 1) / 2
        weights = (0 ..< length).map { index in
            let x = (Double(index) - middle) / max(middle, 1)
            return switch window {
            case .hamming: Float(0.54 + 0.46 * cos(Double.pi * x))
            case .gauss: Float(exp(-0.5 * x * x / (0.4 * 0.4)))
            }
        }
    }

    func makeWorkspace() -> RealFourierTransform.Workspace { transform.makeWorkspace() }

    /// Magnitudes of each bin, and mean squares of the windowed samples, of up to eight frames that begin at `starts`; zeros outside the samples.
    func magnitudes(_ samples: [Float], starts: [Int], _ workspace: inout RealFourierTransform.Workspace, into bins: inout [SIMD8<Float>]) -> SIMD8<Float> {
        precondition(starts.count <= 8 && bins.count == binCount, "eight frames, and room for their bins")
        var power = SIMD8<Float>.zero
        samples.withUnsafeBufferPointer { samples in
            for index in workspace.samples.indices {
                var lanes = SIMD8<Float>.zero
                if index < length {
                    for (lane, start) in starts.enumerated() {
                        // Invariant: read only inside the buffer.
                        let position = start + index
                        if position >= 0 && position < samples.count { lanes[lane] = samples[position] }
                    }
                    lanes *= weights[index]
                    power += lanes * lanes
                }
                workspace.samples[index] = lanes
            }
        }
        transform.transform(&workspace)
        for bin in bins.indices {
            let (real, imaginary) = (workspace.real[bin], workspace.imaginary[bin])
            bins[bin] = (real * real + imaginary * imaginary).squareRoot()
        }
        return power / Float(length)
    }

    /// The autocorrelation of the windowed frames whose magnitudes these are: as many lags as there are bins.
    func autocorrelations(_ magnitudes: [SIMD8<Float>], _ workspace: inout RealFourierTransform.Workspace) -> [SIMD8<Float>] {
        let size = 2 * (binCount - 1)
        for index in 0 ..< size {
            let bin = index < binCount ? index : size - index
            workspace.samples[index] = magnitudes[bin] * magnitudes[bin]
        }
        transform.transform(&workspace)
        return Array(workspace.real[..<binCount])
    }
}
