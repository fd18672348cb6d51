/// The values of one column in one row group: v1 data pages, PLAIN encoding, levels as runs, each page compressed with Zstandard.
struct ParquetColumnChunk {
    /// A page is closed at the first row that starts past this many bytes of values.
    static let pageSize = 1 << 20

    let column: ParquetSchema.Column
    /// Compressed pages with their headers.
    private(set) var bytes: [UInt8] = []
    private(set) var valueCount = 0
    private(set) var uncompressedSize = 0
    private var page = Page()

    private struct Page {
        var values: [UInt8] = []
        var booleanCount = 0
        var repetition = LevelRuns()
        var definition = LevelRuns()
        var entries = 0
    }

    init(_ column: ParquetSchema.Column) {
        self.column = column
    }

    /// Bytes held, compressed or not.
    var heldBytes: Int { bytes.count + page.values.count }

    /// One value, or, with nil, the mark of an empty list.
    /// - Parameters:
    ///   - repetition: how many of the lists above go on (0 starts a row).
    ///   - definition: how many of the lists above have an element here.
    mutating func append(_ value: FieldValue?, repetition: Int, definition: Int, compressor: ZstdCompressor) throws {
        if repetition == 0, page.values.count >= ParquetColumnChunk.pageSize { try closePage(compressor) }
        page.entries += 1
        if column.depth > 0 {
            page.repetition.append(repetition)
            page.definition.append(definition)
        }
        switch (value, column.kind) {
        case (nil, _): break
        case (.string(let text), .byteArray):
            let bytes = Array(text.utf8)
            guard let length = Int32(exactly: bytes.count) else { throw FieldValue.mismatch(column.path.joined(separator: ".")) }
            append(littleEndian: UInt32(length))
            page.values += bytes
        case (.int(let number), .int64): append(littleEndian: UInt64(bitPattern: number))
        case (.float(let number), .double): append(littleEndian: (number == 0 ? 0 : number).bitPattern)
        case (.bool(let flag), .boolean):
            if page.booleanCount % 8 == 0 { page.values.append(0) }
            if flag { page.values[page.values.count - 1] |= 1 << UInt8(page.booleanCount % 8) }
            page.booleanCount += 1
        default: throw FieldValue.mismatch(column.path.joined(separator: "."))
        }
    }

    mutating func finish(_ compressor: ZstdCompressor) throws {
        try closePage(compressor)
    }

    private mutating func append(littleEndian number: some FixedWidthInteger) {
        for byte in 0..<(number.bitWidth / 8) { page.values.append(UInt8(truncatingIfNeeded: number >> (8 * byte))) }
    }

    private mutating func closePage(_ compressor: ZstdCompressor) throws {
        guard page.entries > 0 else { return }
        var body: [UInt8] = []
        if column.depth > 0 { body = page.repetition.encoded() + page.definition.encoded() }
        body += page.values
        let compressed = try compressor.compress(body)
        let plain = 0, runs = 3
        let entries = page.entries
        let header = ThriftCompactWriter.encode { header in
            header.i32(1, 0)                        // DATA_PAGE
            header.i32(2, body.count)
            header.i32(3, compressed.count)
            header.structure(5) {
                $0.i32(1, entries)
                $0.i32(2, plain)
                $0.i32(3, runs)
                $0.i32(4, runs)
            }
        }
        bytes += header
        bytes += compressed
        valueCount += entries
        uncompressedSize += header.count + body.count
        page = Page()
    }
}

/// Levels in the run-length half of Parquet's hybrid encoding. Levels here are below 256, so that each run's value is one byte.
private struct LevelRuns {
    private var runs: [(level: UInt8, count: UInt64)] = []

    mutating func append(_ level: Int) {
        let level = UInt8(level)
        if let last = runs.indices.last, runs[last].level == level { runs[last].count += 1 } else { runs.append((level, 1)) }
    }

    /// With the 4-byte length that v1 pages put first.
    func encoded() -> [UInt8] {
        var body: [UInt8] = []
        for run in runs {
            ThriftCompactWriter.append(varint: run.count << 1, to: &body)
            body.append(run.level)
        }
        let length = UInt32(body.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * UInt32($0))) } + body
    }
}
