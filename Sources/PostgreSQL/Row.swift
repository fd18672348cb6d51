/// A column by its name or by its position from 0.
public protocol ColumnReference: Sendable {
    func position(in columns: [Rows.Column]) -> Int?
}

extension Int: ColumnReference {
    public func position(in columns: [Rows.Column]) -> Int? { columns.indices.contains(self) ? self : nil }
}

extension String: ColumnReference {
    /// The first column of that name.
    public func position(in columns: [Rows.Column]) -> Int? { columns.firstIndex { $0.name == self } }
}

/// One row of a result. Every accessor throws `decoding`, naming column, type and row, where the column is missing, NULL or of another type.
public struct Row: Sendable {
    let table: ResultTable
    let index: Int

    public var columns: [Rows.Column] { table.columns }

    public func isNull(_ column: some ColumnReference) throws -> Bool {
        try cell(column).1.length < 0
    }

    func value<Value: ColumnDecodable>(_ column: some ColumnReference) throws -> Value {
        guard let value: Value = try valueIfPresent(column) else { throw fault(try position(column), "is NULL") }
        return value
    }

    func valueIfPresent<Value: ColumnDecodable>(_ column: some ColumnReference) throws -> Value? {
        let (position, cell) = try cell(column)
        guard cell.length >= 0 else { return nil }
        let bytes = table.bytes
        do throws(DecodingFault) {
            return try Value.decode(bytes.span.bytes.extracting(cell.range), table.columns[position].type)
        } catch {
            throw fault(position, error.reason)
        }
    }

    func array<Element: ColumnDecodable>(_ column: some ColumnReference) throws -> [Element?] {
        let (position, cell) = try cell(column)
        guard cell.length >= 0 else { throw fault(position, "is NULL") }
        var elements: [Element?] = []
        let bytes = table.bytes
        do throws(DecodingFault) {
            try WireDecoding.forEachElement(bytes.span.bytes.extracting(cell.range)) { (element, type) throws(DecodingFault) in
                if let element {
                    elements.append(try Element.decode(element, type))
                } else {
                    elements.append(nil)
                }
            }
        } catch {
            throw fault(position, error.reason)
        }
        return elements
    }

    func arrayWithoutNulls<Element: ColumnDecodable>(_ column: some ColumnReference) throws -> [Element] {
        let elements: [Element?] = try array(column)
        let present = elements.compactMap { $0 }
        guard present.count == elements.count else { throw fault(try position(column), "holds NULL elements") }
        return present
    }

    private func position(_ column: some ColumnReference) throws -> Int {
        guard let position = column.position(in: table.columns) else {
            let names = table.columns.map(\.name).joined(separator: ", ")
            throw PostgreSQLError(.decoding, "the result has no column \(column); it has: \(names)")
        }
        return position
    }

    private func cell(_ column: some ColumnReference) throws -> (Int, ResultTable.Cell) {
        let position = try position(column)
        return (position, table.cells[index * table.columns.count + position])
    }

    private func fault(_ position: Int, _ reason: String) -> PostgreSQLError {
        let column = table.columns[position]
        return PostgreSQLError(.decoding, "column \"\(column.name)\" (\(column.type)), row \(index): \(reason)")
    }
}
