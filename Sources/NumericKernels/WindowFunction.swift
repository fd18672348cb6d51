import Glibc

/// Windows for short-time spectra, periodic form (the one that tiles).
public enum WindowFunction: Sendable {
    case hann
    case hamming
    case blackman

    /// `length` weights; the peak is 1.
    public func weights(_ length: Int) -> [Float] {
        precondition(length > 0, "a window has a length")
        return (0 ..< length).map { index in
            let phase = 2 * Double.pi * Double(index) / Double(length)
            return switch self {
            case .hann: Float(0.5 - 0.5 * cos(phase))
            case .hamming: Float(0.54 - 0.46 * cos(phase))
            case .blackman: Float(0.42 - 0.5 * cos(phase) + 0.08 * cos(2 * phase))
            }
        }
    }

    /// A Kaiser window of `length` weights, symmetric. `beta` trades width for stop-band depth (8.6 ≈ 85 dB).
    public static func kaiser(length: Int, beta: Double) -> [Double] {
        precondition(length > 1, "a Kaiser window has at least two weights")
        let scale = 1 / besselI0(beta)
        return (0 ..< length).map { index in
            let x = 2 * Double(index) / Double(length - 1) - 1
            return besselI0(beta * max(0, 1 - x * x).squareRoot()) * scale
        }
    }

    /// The modified Bessel function of the first kind, order 0, by its power series.
    private static func besselI0(_ x: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        var k = 1.0
        while term > sum * 1e-16 {
            term *= (x / (2 * k)) * (x / (2 * k))
            sum += term
            k += 1
        }
        return sum
    }
}
