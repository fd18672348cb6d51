import NumericKernels

/// Twelve pitch classes over time, bass and treble apart.
public struct ChromaSequence: Sendable {
    /// Seconds between frames; frame i is centred at i times this.
    public let frameSeconds: Double
    /// frames × 12, pitch class 0 = C, smoothed over a quarter of a second.
    public let bass: Matrix
    public let treble: Matrix
    /// Strength of all notes per frame.
    public let energy: [Float]
    /// −1…1: correlation of the treble chroma a quarter of a second before with that after, averaged over four seconds.
    /// Notes last and come back: music has 0.3 and more; noise, whose pitch classes change from frame to frame, about 0.
    public let stability: [Float]

    public var frameCount: Int { bass.rows }

    init(_ notes: NoteActivations) {
        frameSeconds = LogFrequencySpectrum.frameSeconds
        bass = Self.smoothed(notes.strengths.multiplied(by: Self.folding(Self.bassWeight)))
        treble = Self.smoothed(notes.strengths.multiplied(by: Self.folding(Self.trebleWeight)))
        stability = Self.stability(treble)
        energy = (0 ..< notes.strengths.rows).map { Reductions.sum(Array(notes.strengths[row: $0])) }
    }

    /// Full below B2, fading out to C4 and below D1.
    private static func bassWeight(note: Int) -> Float {
        min(max(Float(60 - note) / 14, 0), 1) * min(max(Float(note - 26) / 6, 0.3), 1)
    }

    /// Fading in from G#2 to A#3, and out above E5.
    private static func trebleWeight(note: Int) -> Float {
        min(max(Float(note - 44) / 14, 0), 1) * min(max(Float(96 - note) / 20, 0), 1)
    }

    /// notes × 12.
    private static func folding(_ weight: (Int) -> Float) -> Matrix {
        var result = Matrix(rows: NoteActivations.noteCount, columns: 12)
        for index in 0 ..< NoteActivations.noteCount {
            let note = LogFrequencySpectrum.lowestNote + index
            result[index, note % 12] = weight(note)
        }
        return result
    }

    private static func stability(_ treble: Matrix) -> [Float] {
        // Three frames each way: the spectra's windows and the smoothing no longer overlap.
        let distance = 3
        let centred = (0 ..< treble.rows).map { frame in
            let row = Array(treble[row: frame])
            let mean = Reductions.mean(row)
            return row.map { $0 - mean }
        }
        let correlations = centred.indices.map { frame -> Float in
            let (before, after) = (centred[max(0, frame - distance)], centred[min(centred.count - 1, frame + distance)])
            let norm = (Reductions.sumOfSquares(before) * Reductions.sumOfSquares(after)).squareRoot()
            return norm > 1e-12 ? Reductions.dot(before, after) / norm : 0
        }
        return Smoothing.mean(correlations, reach: 21)
    }

    /// Mean of each frame and its two neighbours.
    private static func smoothed(_ chroma: Matrix) -> Matrix {
        var result = chroma
        for frame in 0 ..< chroma.rows {
            let (before, after) = (max(frame - 1, 0), min(frame + 1, chroma.rows - 1))
            for pitch in 0 ..< 12 {
                result[frame, pitch] = (chroma[before, pitch] + chroma[frame, pitch] + chroma[after, pitch]) / 3
            }
        }
        return result
    }
}
