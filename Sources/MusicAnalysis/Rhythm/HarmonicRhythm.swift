import NumericKernels

/// When the harmony changes: what bars are felt by, where there are no drums.
struct HarmonicRhythm: Sendable {
    /// Seconds at which the label of the chord path changes.
    let changes: [Double]
    private let chroma: ChromaSequence

    init(_ chroma: ChromaSequence, chords: TemplateChords) {
        self.chroma = chroma
        let labels = chords.labels
        changes = labels.indices.dropFirst().filter { labels[$0] != labels[$0 - 1] }
            .map { (Double($0) - 0.5) * chroma.frameSeconds }
    }

    /// 0…1: how different the chroma is after a time from before it, over spans of the given length in seconds.
    func novelty(at time: Double, span: Double) -> Float {
        let before = mean(from: time - span, to: time)
        let after = mean(from: time, to: time + span)
        let norm = (Reductions.sumOfSquares(before) * Reductions.sumOfSquares(after)).squareRoot()
        return norm > 0 ? 1 - min(1, Reductions.dot(before, after) / norm) : 0
    }

    /// Bass and treble chroma (24 values) over a span of time.
    private func mean(from start: Double, to end: Double) -> [Float] {
        var sum = [Float](repeating: 0, count: 24)
        let first = max(0, Int((start / chroma.frameSeconds).rounded(.up)))
        let last = min(chroma.frameCount - 1, Int((end / chroma.frameSeconds).rounded(.down)))
        guard first <= last else { return sum }
        for frame in first ... last {
            for pitch in 0 ..< 12 {
                sum[pitch] += chroma.treble[frame, pitch]
                sum[12 + pitch] += chroma.bass[frame, pitch]
            }
        }
        return sum
    }
}
