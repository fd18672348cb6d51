/// Rows in the binary format of COPY (PostgreSQL manual, "COPY", Binary Format). Pure: bytes in memory.
package struct CopyEncoder: Sendable {
    package private(set) var bytes: [UInt8]
    package private(set) var rowCount = 0
    private let columnCount: Int
    private var fieldsInRow = 0
    private var fault: String?

    package init(columnCount: Int) {
        self.columnCount = columnCount
        bytes = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00]
        WireEncoding.append(Int32(0), to: &bytes)
        WireEncoding.append(Int32(0), to: &bytes)
    }

    package mutating func appendNull() {
        beginField()
        WireEncoding.append(Int32(-1), to: &bytes)
    }

    package mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        beginField()
        WireEncoding.append(Int32(MemoryLayout<Value>.size), to: &bytes)
        WireEncoding.append(value, to: &bytes)
    }

    package mutating func append(_ value: [UInt8]) {
        beginField()
        WireEncoding.append(Int32(clamping: value.count), to: &bytes)
        bytes.append(contentsOf: value)
    }

    package mutating func append(text: String, version: UInt8? = nil) {
        beginField()
        var text = text
        let isClean = text.withUTF8 { utf8 in
            WireEncoding.append(Int32(clamping: utf8.count + (version == nil ? 0 : 1)), to: &bytes)
            if let version { bytes.append(version) }
            bytes.append(contentsOf: utf8)
            return !utf8.contains(0)
        }
        if !isClean { fail("field \(fieldsInRow): \(Parameter.nulInText)") }
    }

    /// A field that cannot be sent; `endRow` throws the reason.
    package mutating func fail(_ reason: String) { fault = fault ?? reason }

    package mutating func endRow() throws {
        if let fault { throw PostgreSQLError(.encoding, "row \(rowCount + 1) of COPY, \(fault)") }
        guard fieldsInRow == columnCount else {
            throw PostgreSQLError(.misuse, "row \(rowCount + 1) of COPY has \(fieldsInRow) fields for \(columnCount) columns")
        }
        fieldsInRow = 0
        rowCount += 1
    }

    /// Appends the end of the data.
    package mutating func finish() throws {
        guard fieldsInRow == 0 else { throw PostgreSQLError(.misuse, "row \(rowCount + 1) of COPY was not ended") }
        WireEncoding.append(Int16(-1), to: &bytes)
    }

    /// Hands over what has gathered.
    package mutating func take() -> [UInt8] {
        let taken = bytes
        bytes = []
        bytes.reserveCapacity(taken.count)
        return taken
    }

    private mutating func beginField() {
        if fieldsInRow == 0 { WireEncoding.append(Int16(truncatingIfNeeded: columnCount), to: &bytes) }
        fieldsInRow += 1
    }
}
