/// A dense matrix of single-precision numbers, row-major (`rows × columns`).
public struct Matrix: Sendable, Equatable {
    public let rows: Int
    public let columns: Int
    /// Row-major elements; `rows * columns` of them.
    public internal(set) var elements: [Float]

    /// A matrix filled with one value.
    public init(rows: Int, columns: Int, repeating value: Float = 0) {
        precondition(rows >= 0 && columns >= 0, "a matrix has no negative size")
        self.rows = rows
        self.columns = columns
        elements = [Float](repeating: value, count: rows * columns)
    }

    /// A matrix over given row-major elements, `rows * columns` of them.
    public init(rows: Int, columns: Int, elements: [Float]) {
        precondition(elements.count == rows * columns, "a \(rows) × \(columns) matrix has \(rows * columns) elements, not \(elements.count)")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    @inlinable
    public subscript(row: Int, column: Int) -> Float {
        get {
            precondition(column >= 0 && column < columns, "column out of range")
            return elements[row * columns + column]
        }
        set {
            precondition(column >= 0 && column < columns, "column out of range")
            setElement(at: row * columns + column, to: newValue)
        }
    }

    @usableFromInline
    mutating func setElement(at index: Int, to value: Float) { elements[index] = value }

    /// One row, `columns` values.
    public subscript(row row: Int) -> ArraySlice<Float> {
        get { elements[row * columns ..< (row + 1) * columns] }
        set {
            precondition(newValue.count == columns, "a row has \(columns) values")
            elements.replaceSubrange(row * columns ..< (row + 1) * columns, with: newValue)
        }
    }

    /// One column, `rows` values.
    public func column(_ index: Int) -> [Float] {
        precondition(index >= 0 && index < columns, "column out of range")
        return (0 ..< rows).map { elements[$0 * columns + index] }
    }

    /// The same numbers with rows and columns exchanged (`columns × rows`).
    public func transposed() -> Matrix {
        var result = Matrix(rows: columns, columns: rows)
        for row in 0 ..< rows {
            for column in 0 ..< columns { result.elements[column * rows + row] = elements[row * columns + column] }
        }
        return result
    }

    /// The same shape with every element replaced by `transform` of it.
    public func mapElements(_ transform: (Float) -> Float) -> Matrix {
        Matrix(rows: rows, columns: columns, elements: elements.map(transform))
    }
}
