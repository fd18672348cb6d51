import Glibc
import NumericKernels

/// How strongly each note sounds in each frame: non-negative least squares over a dictionary of harmonic tones
/// (Mauch & Dixon, ISMIR 2010, "Approximate note transcription for the improved identification of difficult chords"),
/// solved for all frames at once by multiplicative updates, which are matrix products.
struct NoteActivations: Sendable {
    static let noteCount = LogFrequencySpectrum.highestNote - LogFrequencySpectrum.lowestNote
    /// Each harmonic of a dictionary tone is this much weaker than the one before.
    private static let harmonicDecay = 0.7
    private static let harmonics = 20
    private static let updates = 40

    /// frames × `noteCount`, square roots of the activations: between linear and logarithmic.
    let strengths: Matrix

    init(_ spectrum: LogFrequencySpectrum) {
        let whitened = Self.whiten(spectrum.magnitudes)
        let dictionary = Self.dictionary
        let correlation = whitened.multiplied(byTransposeOf: dictionary)
        let gram = dictionary.multiplied(byTransposeOf: dictionary)
        var activations = Matrix(rows: whitened.rows, columns: Self.noteCount, repeating: 0.1)
        for _ in 0 ..< Self.updates {
            let estimate = activations.multiplied(by: gram)
            activations = Matrix(rows: activations.rows, columns: activations.columns,
                                 elements: Self.updated(activations.elements, correlation.elements, estimate.elements))
        }
        strengths = activations.mapElements { $0.squareRoot() }
    }

    private static func updated(_ activations: [Float], _ correlation: [Float], _ estimate: [Float]) -> [Float] {
        var result = activations
        for index in result.indices { result[index] *= correlation[index] / (estimate[index] + 1e-6) }
        return result
    }

    /// notes × log-frequency bins, unit rows: partials at h times the fundamental, decaying geometrically.
    private static let dictionary: Matrix = {
        let bins = LogFrequencySpectrum.binCount
        let perSemitone = LogFrequencySpectrum.binsPerSemitone
        var result = Matrix(rows: noteCount, columns: bins)
        for note in 0 ..< noteCount {
            var tone = [Double](repeating: 0, count: bins)
            for harmonic in 1 ... harmonics {
                let position = Double(note * perSemitone + 1) + Double(12 * perSemitone) * log2(Double(harmonic))
                let amplitude = pow(harmonicDecay, Double(harmonic - 1))
                for bin in Int(position) - 2 ..< Int(position) + 4 where bin >= 0 && bin < bins {
                    tone[bin] += amplitude * max(0, 1 - abs(Double(bin) - position) / 1.5)
                }
            }
            let norm = tone.reduce(0) { $0 + $1 * $1 }.squareRoot()
            for bin in 0 ..< bins { result[note, bin] = Float(tone[bin] / norm) }
        }
        return result
    }()

    /// Each bin's excess over the local mean, in local standard deviations, over ±1½ octaves (spectral whitening).
    private static func whiten(_ magnitudes: Matrix) -> Matrix {
        let smoothing = smoothing
        let mean = magnitudes.multiplied(byTransposeOf: smoothing)
        var deviation = magnitudes
        for index in magnitudes.elements.indices {
            let (row, column) = (index / magnitudes.columns, index % magnitudes.columns)
            let difference = magnitudes[row, column] - mean[row, column]
            deviation[row, column] = difference * difference
        }
        let variance = deviation.multiplied(byTransposeOf: smoothing)
        var result = magnitudes
        for row in 0 ..< magnitudes.rows {
            for column in 0 ..< magnitudes.columns {
                let excess = magnitudes[row, column] - mean[row, column]
                result[row, column] = excess > 0 ? excess / max(variance[row, column], 1e-12).squareRoot() : 0
            }
        }
        return result
    }

    /// bins × bins: row b averages around bin b with a Hamming window; past the ends the outermost bin counts again.
    private static let smoothing: Matrix = {
        let bins = LogFrequencySpectrum.binCount
        let reach = LogFrequencySpectrum.binsPerSemitone * 18
        let weights = WindowFunction.hamming.weights(2 * reach + 1)
        let sum = Reductions.sum(weights)
        var result = Matrix(rows: bins, columns: bins)
        for bin in 0 ..< bins {
            for (offset, weight) in weights.enumerated() {
                let other = min(max(bin + offset - reach, 0), bins - 1)
                result[bin, other] += weight / sum
            }
        }
        return result
    }()
}
