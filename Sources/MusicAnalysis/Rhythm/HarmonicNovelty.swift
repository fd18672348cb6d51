import Glibc
import NumericKernels

/// How much the notes after a moment differ from those before it, in bass and treble, over several spans: where bars begin in
/// music without drums. The same for every key.
package struct HarmonicNovelty: Sendable {
    /// Seconds before and after that are compared.
    static let spans = [0.25, 0.5, 1, 2]
    static let columnCount = 2 * spans.count
    /// MIDI notes of the two registers.
    private static let registers = [24 ..< 55, 50 ..< 100]

    /// Running sums over the frames of the long spectrum, 24 pitch classes a row, one row more than there are frames.
    private let sums: Matrix
    private let frameSeconds: Double

    init(_ spectrum: LogFrequencySpectrum) {
        let frames = spectrum.magnitudes.rows
        var sums = Matrix(rows: frames + 1, columns: 24)
        var chroma = [Float](repeating: 0, count: 24)
        for frame in 0 ..< frames {
            for index in chroma.indices { chroma[index] = 0 }
            for (register, notes) in Self.registers.enumerated() {
                for note in notes {
                    let bin = (note - LogFrequencySpectrum.lowestNote) * LogFrequencySpectrum.binsPerSemitone
                    let magnitude = spectrum.magnitudes[frame, bin] + spectrum.magnitudes[frame, bin + 1] + spectrum.magnitudes[frame, bin + 2]
                    chroma[12 * register + note % 12] += magnitude.squareRoot()
                }
            }
            for index in chroma.indices { sums[frame + 1, index] = sums[frame, index] + chroma[index] }
        }
        self.sums = sums
        frameSeconds = LogFrequencySpectrum.frameSeconds
    }

    /// 1 − cosine of the pitch-class means before and after: bass and treble for each span.
    func values(at time: Double) -> [Float] {
        var result: [Float] = []
        let middle = sum(to: time)
        for span in Self.spans {
            let before = zip(middle, sum(to: time - span)).map { $0 - $1 }
            let after = zip(sum(to: time + span), middle).map { $0 - $1 }
            for register in 0 ..< 2 {
                let (a, b) = (before[12 * register ..< 12 * register + 12], after[12 * register ..< 12 * register + 12])
                var (dot, first, second): (Float, Float, Float) = (0, 0, 0)
                for (x, y) in zip(a, b) {
                    dot += x * y
                    first += x * x
                    second += y * y
                }
                let norm = (first * second).squareRoot()
                result.append(norm > 1e-12 ? max(0, 1 - dot / norm) : 0)
            }
        }
        return result
    }

    /// The running sum at a time, between frames by linear interpolation; constant outside.
    private func sum(to time: Double) -> [Float] {
        // Frame f stands for the time around its centre, f · frameSeconds.
        let position = min(max(time / frameSeconds + 0.5, 0), Double(sums.rows - 1))
        let low = min(Int(position), max(0, sums.rows - 2))
        let fraction = Float(position - Double(low))
        let (a, b) = (sums[row: low], sums[row: min(low + 1, sums.rows - 1)])
        return zip(a, b).map { $0 + ($1 - $0) * fraction }
    }
}
