import Glibc
import NumericKernels

/// Where sound begins, in four registers, 100 times a second: SuperFlux (Böck & Widmer, DAFx 2013), which compares each
/// band with the neighbourhood maximum shortly before, so that vibrato makes no onsets.
struct OnsetSpectrogram: Sendable {
    static let frameRate = 100.0
    static let registerCount = 4
    /// Upper edges in Hz of the registers: bass drum and bass, low mid, mid, high.
    private static let registerEdges: [Double] = [150, 600, 2_500, 10_500]
    private static let frameLength = 1_024
    /// Band is compared with the frame this many frames before.
    private static let lag = 2
    /// Logarithmic compression log10(1 + γ·magnitude).
    private static let compression: Float = 1_000

    /// frames × 4, mean rise of the bands of each register.
    let flux: Matrix
    /// frames × bands, compressed magnitudes.
    let bands: Matrix
    /// Centre frequencies of the bands in Hz.
    let centres: [Double]

    var frameCount: Int { flux.rows }

    init(_ signal: AnalysisSignal) {
        let hop = Double(AnalysisSignal.sampleRate) / Self.frameRate
        let spectrum = ShortTimeSpectrum(frameLength: Self.frameLength, hop: hop)
        let binsPerHertz = Double(Self.frameLength) / Double(AnalysisSignal.sampleRate)
        let edges = Self.bandCentres(binsPerHertz)
        let filters = FrequencyBands(triangles: (1 ..< edges.count - 1).map { index in
            (low: edges[index - 1] * binsPerHertz, centre: edges[index] * binsPerHertz, high: edges[index + 1] * binsPerHertz)
        }, binCount: spectrum.binCount)
        centres = Array(edges[1 ..< edges.count - 1])
        var levels = Matrix(rows: spectrum.frameCount(sampleCount: signal.sampleCount), columns: filters.count)
        spectrum.forEachBatch(of: signal.channels) { batch in
            let values = filters.apply(to: batch.power.map { $0.squareRoot() })
            for lane in 0 ..< batch.frameCount {
                for (band, value) in values.enumerated() {
                    levels[batch.firstFrame + lane, band] = log10(1 + Self.compression * value[lane])
                }
            }
        }
        bands = levels
        flux = Self.superFlux(levels, centres: centres)
    }

    /// Band edges and centres: twelve an octave where the bins are close enough, one a bin below.
    private static func bandCentres(_ binsPerHertz: Double) -> [Double] {
        var result: [Double] = []
        var frequency = 27.5
        while frequency < registerEdges[3] {
            let bin = (frequency * binsPerHertz).rounded()
            if bin >= 1 && bin / binsPerHertz > (result.last ?? 0) + 0.5 / binsPerHertz { result.append(bin / binsPerHertz) }
            frequency *= pow(2, 1 / 12.0)
        }
        return result
    }

    private static func superFlux(_ levels: Matrix, centres: [Double]) -> Matrix {
        let registers = centres.map { centre in registerEdges.firstIndex { centre <= $0 } ?? 3 }
        let sizes = (0 ..< registerCount).map { register in Float(max(1, registers.count { $0 == register })) }
        var result = Matrix(rows: levels.rows, columns: registerCount)
        for frame in stride(from: lag, to: levels.rows, by: 1) {
            for band in 0 ..< levels.columns {
                var before = levels[frame - lag, band]
                if band > 0 { before = max(before, levels[frame - lag, band - 1]) }
                if band + 1 < levels.columns { before = max(before, levels[frame - lag, band + 1]) }
                let rise = levels[frame, band] - before
                if rise > 0 { result[frame, registers[band]] += rise / sizes[registers[band]] }
            }
        }
        return result
    }
}
