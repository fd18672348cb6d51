/// Fills a COPY row by row: append each column's value in order, of exactly the column's type, then `endRow()`.
public struct CopyWriter: Sendable {
    /// Bytes gathered before they are sent.
    static let pieceSize = 1 << 20

    var encoder: CopyEncoder
    private let send: @Sendable ([UInt8]) async throws -> Void

    init(columnCount: Int, send: @escaping @Sendable ([UInt8]) async throws -> Void) {
        encoder = CopyEncoder(columnCount: columnCount)
        self.send = send
    }

    /// Rows ended so far.
    public var rowCount: Int { encoder.rowCount }

    public mutating func null() { encoder.appendNull() }
    /// For `bigint`.
    public mutating func int64(_ value: Int64?) { integer(value) }
    /// For `integer`.
    public mutating func int32(_ value: Int32?) { integer(value) }
    /// For `smallint`.
    public mutating func int16(_ value: Int16?) { integer(value) }
    /// For `double precision`.
    public mutating func double(_ value: Double?) { integer(value?.bitPattern) }
    public mutating func bool(_ value: Bool?) { integer(value.map { $0 ? UInt8(1) : 0 }) }
    /// For `timestamptz`.
    public mutating func timestamp(_ value: Timestamp?) { integer(value?.wireValue) }
    public mutating func xid8(_ value: UInt64?) { integer(value) }

    /// For `text`, `varchar`, `json` and enums.
    public mutating func text(_ value: String?) {
        if let value { encoder.append(text: value) } else { encoder.appendNull() }
    }

    /// For `jsonb`.
    public mutating func jsonb(_ value: String?) {
        if let value { encoder.append(text: value, version: 1) } else { encoder.appendNull() }
    }

    public mutating func bytea(_ value: [UInt8]?) {
        if let value { encoder.append(value) } else { encoder.appendNull() }
    }

    /// - Parameter value: 16 bytes.
    public mutating func uuid(_ value: [UInt8]?) {
        if let value, value.count != 16 { encoder.fail("a uuid has 16 bytes, not \(value.count)") }
        bytea(value)
    }

    /// Ends the row, and sends a piece when enough has gathered.
    ///
    /// - Throws: `misuse` if the row has not one field per column, `encoding` if a field cannot be sent; or what the connection throws.
    public mutating func endRow() async throws {
        try encoder.endRow()
        if encoder.bytes.count >= Self.pieceSize { try await send(encoder.take()) }
    }

    mutating func finish() async throws {
        try encoder.finish()
        try await send(encoder.take())
    }

    private mutating func integer(_ value: (some FixedWidthInteger)?) {
        if let value { encoder.append(value) } else { encoder.appendNull() }
    }
}
