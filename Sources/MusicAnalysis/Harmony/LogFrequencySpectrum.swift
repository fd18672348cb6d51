import Glibc
import NumericKernels

/// A magnitude spectrogram with three bins a semitone, tuned to the music.
struct LogFrequencySpectrum: Sendable {
    static let binsPerSemitone = 3
    /// MIDI note numbers covered, C1 to just below E7.
    static let lowestNote = 24
    static let highestNote = 100
    static let binCount = (highestNote - lowestNote) * binsPerSemitone
    static let frameLength = 8_192
    /// Samples between frames, 93 ms.
    static let hop = 2_048
    static let frameSeconds = Double(hop) / Double(AnalysisSignal.sampleRate)

    /// Bins of the Fourier transform below the highest note's end: a quarter of all.
    private static let fourierBins = Int(440 * pow(2, Double(highestNote + 1 - 69) / 12) * Double(frameLength) / Double(AnalysisSignal.sampleRate)) + 2

    /// frames × `binCount`; the middle bin of each semitone lies on the note after tuning.
    let magnitudes: Matrix
    /// Frequency of A4 in Hz.
    let tuning: Double

    init(_ signal: AnalysisSignal) {
        let spectrum = ShortTimeSpectrum(frameLength: Self.frameLength, hop: Double(Self.hop), window: .hamming, binLimit: Self.fourierBins)
        let bands = Self.bands(binCount: spectrum.binCount)
        let frames = spectrum.frameCount(sampleCount: signal.sampleCount)
        var raw = Matrix(rows: frames, columns: Self.binCount)
        spectrum.forEachBatch(of: signal.channels) { batch in
            let values = bands.apply(to: batch.power.map { $0.squareRoot() })
            for lane in 0 ..< batch.frameCount {
                for (band, value) in values.enumerated() { raw[batch.firstFrame + lane, band] = value[lane] }
            }
        }
        let offset = Self.tuningOffset(raw)
        magnitudes = abs(offset) > 0.02 ? Self.shifted(raw, by: offset * Double(Self.binsPerSemitone)) : raw
        tuning = 440 * pow(2, offset / 12)
    }

    private static func bands(binCount: Int) -> FrequencyBands {
        let binsPerHertz = Double(frameLength) / Double(AnalysisSignal.sampleRate)
        return FrequencyBands(triangles: (0 ..< Self.binCount).map { index in
            let note = Double(lowestNote) + Double(index - 1) / Double(binsPerSemitone)
            let centre = 440 * pow(2, (note - 69) / 12) * binsPerHertz
            let width = max(centre * (pow(2, 1 / Double(12 * binsPerSemitone)) - 1), 1)
            return (low: centre - width, centre: centre, high: centre + width)
        }, binCount: binCount)
    }

    /// How far the music lies from A4 = 440 Hz, −0.5…0.5 semitones: the phase of the magnitudes' cycle over a semitone
    /// (Mauch 2010, §3.2).
    private static func tuningOffset(_ magnitudes: Matrix) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for bin in 0 ..< magnitudes.columns {
            var sum: Float = 0
            for frame in 0 ..< magnitudes.rows { sum += magnitudes[frame, bin] }
            let angle = 2 * Double.pi * Double(bin % binsPerSemitone - 1) / Double(binsPerSemitone)
            real += Double(sum) * cos(angle)
            imaginary += Double(sum) * sin(angle)
        }
        return real == 0 && imaginary == 0 ? 0 : atan2(imaginary, real) / (2 * Double.pi)
    }

    /// Every row read `offset` bins higher, by linear interpolation.
    private static func shifted(_ matrix: Matrix, by offset: Double) -> Matrix {
        var result = Matrix(rows: matrix.rows, columns: matrix.columns)
        for bin in 0 ..< matrix.columns {
            let position = min(max(Double(bin) + offset, 0), Double(matrix.columns - 1))
            let low = min(Int(position), matrix.columns - 2)
            let fraction = Float(position - Double(low))
            for frame in 0 ..< matrix.rows {
                result[frame, bin] = matrix[frame, low] * (1 - fraction) + matrix[frame, low + 1] * fraction
            }
        }
        return result
    }
}
