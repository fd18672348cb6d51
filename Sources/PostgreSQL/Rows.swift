/// A statement's result: rows of named, typed columns. A value; copying shares the storage.
public struct Rows: RandomAccessCollection, Sendable {
    public struct Column: Hashable, Sendable {
        public var name: String
        public var type: TypeOID

        package init(name: String, type: TypeOID) {
            self.name = name
            self.type = type
        }
    }

    let table: ResultTable

    package init(table: ResultTable) { self.table = table }

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
package final class ResultTable: Sendable {
    package struct Cell: Sendable {
        package var offset: Int
        /// -1 for NULL.
        package var length: Int32

        package init(offset: Int, length: Int32) {
            self.offset = offset
            self.length = length
        }

        /// - Precondition: not NULL.
        package var range: Range<Int> { offset..<offset + Int(length) }
    }

    package let columns: [Rows.Column]
    package let rowCount: Int
    /// `rowCount × columns.count`, row-major; each within `bytes`.
    package let cells: [Cell]
    package let bytes: [UInt8]

    package init(columns: [Rows.Column], rowCount: Int, cells: [Cell], bytes: [UInt8]) {
        precondition(cells.count == rowCount * columns.count)
        self.columns = columns
        self.rowCount = rowCount
        self.cells = cells
        self.bytes = bytes
    }
}
