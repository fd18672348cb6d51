/// A statement's result: rows of named, typed columns. A value; copying shares the storage.
public struct Rows: RandomAccessCollection, Sendable {
    public struct Column: Hashable, Sendable {
        public var name: String
        public var type: TypeOID
    }

    let table: ResultTable

    public var columns: [Column] { table.columns }
    public var startIndex: Int { 0 }
    public var endIndex: Int { table.rowCount }

    /// - Precondition: the position is below `count`.
    public subscript(position: Int) -> Row {
        precondition(position >= 0 && position < table.rowCount, "row \(position) of \(table.rowCount)")
        return Row(table: table, index: position)
    }
}

/// The bytes of a result, binary as they came, row by row.
final class ResultTable: Sendable {
    struct Cell: Sendable {
        var offset: Int
        /// -1 for NULL.
        var length: Int32
        /// - Precondition: not NULL.
        var range: Range<Int> { offset..<offset + Int(length) }
    }

    let columns: [Rows.Column]
    let rowCount: Int
    /// `rowCount × columns.count`, row-major; each within `bytes`.
    let cells: [Cell]
    let bytes: [UInt8]

    init(columns: [Rows.Column], rowCount: Int, cells: [Cell], bytes: [UInt8]) {
        precondition(cells.count == rowCount * columns.count)
        self.columns = columns
        self.rowCount = rowCount
        self.cells = cells
        self.bytes = bytes
    }
}
