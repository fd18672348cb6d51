/// Writes rows to one Parquet file, a row group at a time: what it holds is bounded by `ShardLimits.rowsPerGroup` and `bytesPerGroup`.
final class ParquetWriter {
    private struct RowGroup {
        var rows: Int
        var columns: [Chunk]
    }

    private struct Chunk {
        var offset: Int
        var valueCount: Int
        var uncompressedSize: Int
        var compressedSize: Int
    }

    private static let magic = Array("PAR1".utf8)

    private let file: OutputFile
    private let fields: [Field]
    private let schema: ParquetSchema
    private let limits: ShardLimits
    private let compressor: ZstdCompressor
    private var chunks: [ParquetColumnChunk]
    private var rowsInGroup = 0
    private var groups: [RowGroup] = []
    private(set) var rowCount = 0

    init(to file: OutputFile, fields: [Field], limits: ShardLimits) throws {
        self.file = file
        self.fields = fields
        self.limits = limits
        schema = ParquetSchema(fields)
        compressor = try ZstdCompressor()
        chunks = schema.columns.map(ParquetColumnChunk.init)
        try file.write(ParquetWriter.magic)
    }

    /// Bytes of closed row groups.
    var byteCount: Int { file.byteCount }

    /// - Parameter values: in the order and form of the fields.
    func append(_ values: [FieldValue]) throws {
        var column = 0
        try shred(.structure(values), .structure(fields), repetition: 0, definition: 0, depth: 0, column: &column)
        rowsInGroup += 1
        rowCount += 1
        if rowsInGroup >= limits.rowsPerGroup || chunks.reduce(0, { $0 + $1.heldBytes }) >= limits.bytesPerGroup { try closeGroup() }
    }

    /// - Returns: SHA-256 of the file.
    func finish() throws -> String {
        try closeGroup()
        let footer = encodedFooter()
        try file.write(footer)
        let length = UInt32(footer.count)
        try file.write((0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * UInt32($0))) })
        try file.write(ParquetWriter.magic)
        return try file.close()
    }

    /// Sends the leaves below `value` to their columns with their levels (Dremel's record shredding).
    /// - Parameters:
    ///   - depth: lists entered so far.
    ///   - column: the first column below; on return the first one after.
    private func shred(_ value: FieldValue, _ type: FieldType, repetition: Int, definition: Int, depth: Int, column: inout Int) throws {
        switch (value, type) {
        case (.structure(let members), .structure(let fields)) where members.count == fields.count:
            for (member, field) in zip(members, fields) {
                try shred(member, field.type, repetition: repetition, definition: definition, depth: depth, column: &column)
            }
        case (.list(let elements), .list(let element)):
            let first = column
            if elements.isEmpty {
                for _ in 0..<ParquetWriter.leafCount(element) {
                    try chunks[column].append(nil, repetition: repetition, definition: definition, compressor: compressor)
                    column += 1
                }
            }
            for (position, value) in elements.enumerated() {
                column = first
                try shred(value, element, repetition: position == 0 ? repetition : depth + 1, definition: definition + 1, depth: depth + 1, column: &column)
            }
        case (.list, _), (.structure, _), (_, .list), (_, .structure):
            throw FieldValue.mismatch(chunks[column].column.path.joined(separator: "."))
        default:
            try chunks[column].append(value, repetition: repetition, definition: definition, compressor: compressor)
            column += 1
        }
    }

    private static func leafCount(_ type: FieldType) -> Int {
        switch type {
        case .string, .int, .float, .bool: 1
        case .list(let element): leafCount(element)
        case .structure(let fields): fields.reduce(0) { $0 + leafCount($1.type) }
        }
    }

    private func closeGroup() throws {
        guard rowsInGroup > 0 else { return }
        var written: [Chunk] = []
        for number in chunks.indices {
            try chunks[number].finish(compressor)
            let chunk = chunks[number]
            written.append(Chunk(offset: file.byteCount, valueCount: chunk.valueCount, uncompressedSize: chunk.uncompressedSize,
                                 compressedSize: chunk.bytes.count))
            try file.write(chunk.bytes)
            chunks[number] = ParquetColumnChunk(chunk.column)
        }
        groups.append(RowGroup(rows: rowsInGroup, columns: written))
        rowsInGroup = 0
    }

    private func encodedFooter() -> [UInt8] {
        let zstd = 6, plain = 0, runs = 3
        return ThriftCompactWriter.encode { footer in
            footer.i32(1, 1)
            schema.write(to: &footer)
            footer.i64(3, rowCount)
            footer.structures(4, groups) { group, written in
                group.structures(1, Array(zip(written.columns, schema.columns))) { chunk, pair in
                    let (stored, column) = pair
                    chunk.i64(2, stored.offset)
                    chunk.structure(3) {
                        $0.i32(1, column.kind.rawValue)
                        $0.i32s(2, [plain, runs])
                        $0.strings(3, column.path)
                        $0.i32(4, zstd)
                        $0.i64(5, stored.valueCount)
                        $0.i64(6, stored.uncompressedSize)
                        $0.i64(7, stored.compressedSize)
                        $0.i64(9, stored.offset)
                    }
                }
                group.i64(2, written.columns.reduce(0) { $0 + $1.uncompressedSize })
                group.i64(3, written.rows)
            }
            footer.string(6, "mvfleet")
        }
    }
}
