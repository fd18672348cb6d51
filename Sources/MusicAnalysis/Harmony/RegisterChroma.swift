import NumericKernels

/// Twelve pitch classes in each of four registers: what the chord network reads.
package struct RegisterChroma: Sendable {
    package static let columnCount = 12 * registers.count
    /// Centres of the registers in MIDI notes: a note belongs to the two next to it, in proportion to its nearness.
    private static let registers: [Float] = [36, 52, 68, 84]
    /// Frames much fainter than the clip's median stay faint.
    private static let floor: Float = 0.25

    /// frames × `columnCount`, register by register, C first; rows of about unit length.
    package let rows: Matrix

    init(_ notes: NoteActivations) {
        let chroma = notes.strengths.multiplied(by: Self.folding)
        let norms = (0 ..< chroma.rows).map { Reductions.sumOfSquares(Array(chroma[row: $0])).squareRoot() }
        let sorted = norms.sorted()
        let middle = norms.count / 2
        let median = norms.isEmpty ? 0 : norms.count % 2 == 1 ? sorted[middle] : 0.5 * (sorted[middle - 1] + sorted[middle])
        var elements = chroma.elements
        for (row, norm) in norms.enumerated() {
            let scale = 1 / (norm + Self.floor * median + 1e-6)
            for column in row * Self.columnCount ..< (row + 1) * Self.columnCount { elements[column] *= scale }
        }
        rows = Matrix(rows: chroma.rows, columns: Self.columnCount, elements: elements)
    }

    /// Rows as they are.
    package init(rows: Matrix) {
        precondition(rows.columns == Self.columnCount, "four registers of twelve")
        self.rows = rows
    }

    /// notes × columns.
    private static let folding: Matrix = {
        var result = Matrix(rows: NoteActivations.noteCount, columns: columnCount)
        for index in 0 ..< NoteActivations.noteCount {
            let note = LogFrequencySpectrum.lowestNote + index
            let place = min(max((Float(note) - registers[0]) / (registers[1] - registers[0]), 0), Float(registers.count - 1))
            let low = min(Int(place), registers.count - 2)
            result[index, 12 * low + note % 12] = 1 - (place - Float(low))
            result[index, 12 * (low + 1) + note % 12] = place - Float(low)
        }
        return result
    }()
}
