import NumericKernels

/// What the beat network reads: fifty rows a second, each of two frames of the onset spectrogram (levels and rises in 26 bands)
/// and the harmonic novelty between them.
package struct BeatFeatures: Sendable {
    static let frameRate = 50.0
    /// Upper edges of the bands in Hz.
    private static let edges: [Double] = [
        44, 66, 88, 110, 154, 200, 265, 335, 400, 480, 570, 680, 810, 960, 1_140, 1_360, 1_620, 1_930, 2_300, 2_730, 3_250, 3_870, 4_600, 5_480, 7_000, 11_000,
    ]
    private static let lag = 2
    static let bandCount = edges.count
    static let columnCount = 4 * bandCount + HarmonicNovelty.columnCount

    /// frames × `columnCount`.
    package let rows: Matrix

    init(_ onsets: OnsetSpectrogram, _ novelty: HarmonicNovelty) {
        let levels = onsets.bands
        let band = onsets.centres.map { centre in Self.edges.firstIndex { centre <= $0 } ?? Self.edges.count - 1 }
        var sizes = [Float](repeating: 0, count: Self.bandCount)
        for index in band { sizes[index] += 1 }
        let scales = sizes.map { 1 / max(1, $0) }
        let frames = levels.rows
        var result = Matrix(rows: (frames + 1) / 2, columns: Self.columnCount)
        var (level, rise) = ([Float](repeating: 0, count: Self.bandCount), [Float](repeating: 0, count: Self.bandCount))
        for frame in 0 ..< frames {
            for index in level.indices { (level[index], rise[index]) = (0, 0) }
            let now = Array(levels[row: frame])
            let before = Array(levels[row: max(0, frame - Self.lag)])
            for fine in now.indices {
                var past = before[fine]
                if fine > 0 { past = max(past, before[fine - 1]) }
                if fine + 1 < before.count { past = max(past, before[fine + 1]) }
                level[band[fine]] += now[fine]
                rise[band[fine]] += max(0, now[fine] - past)
            }
            let offset = frame % 2 * 2 * Self.bandCount
            for index in level.indices {
                result[frame / 2, offset + index] = level[index] * scales[index]
                result[frame / 2, offset + Self.bandCount + index] = rise[index] * scales[index]
            }
        }
        for row in 0 ..< result.rows {
            let values = novelty.values(at: Double(row) / Self.frameRate)
            for (index, value) in values.enumerated() { result[row, 4 * Self.bandCount + index] = value }
        }
        rows = result
    }

    /// The features of a file's music, as the networks are trained on them.
    package init(_ samples: AudioSamples) {
        let signal = AnalysisSignal(samples)
        self.init(OnsetSpectrogram(signal), HarmonicNovelty(LogFrequencySpectrum(signal)))
    }
}
