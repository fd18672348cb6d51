import NumericKernels

extension ChromaSequence {
    /// Mean and deviation over time of each pitch class, bass and treble together, where each frame's strongest is 1; frames without notes are left out.
    var spread: [Spread] {
        let frames = (0 ..< frameCount).compactMap { frame -> [Double]? in
            let values = (0 ..< 12).map { Double(bass[frame, $0] + treble[frame, $0]) }
            guard let strongest = values.max(), strongest > 1e-9 else { return nil }
            return values.map { $0 / strongest }
        }
        return (0 ..< 12).map { pitch in Spread(frames.map { $0[pitch] }) }
    }
}
