/// Writes one split's samples as `hf/data/<split>-NNNNN-of-NNNNN.parquet`; the names are known when the last row is.
struct ParquetSplitWriter {
    private let side: SplitSide
    private let staging: String
    private let fields: [Field]
    private let limits: ShardLimits
    private var writer: ParquetWriter?
    private var shards: [StagedFile] = []

    init(side: SplitSide, staging: String, fields: [Field], limits: ShardLimits) {
        self.side = side
        self.staging = staging
        self.fields = fields
        self.limits = limits
    }

    mutating func append(_ values: [FieldValue]) throws {
        if let writer, writer.rowCount == limits.rowsPerParquet || writer.byteCount >= limits.bytesPerParquet { try closeShard() }
        let current = try writer ?? ParquetWriter(to: OutputFile(path: stagedPath), fields: fields, limits: limits)
        writer = current
        try current.append(values)
    }

    /// - Returns: all shards of the split, in order, with their final names.
    mutating func finish() throws -> [StagedFile] {
        try closeShard()
        return shards.enumerated().map { number, shard in
            var named = shard
            named.path = "hf/data/\(side.rawValue)-\(padded(number))-of-\(padded(shards.count)).parquet"
            return named
        }
    }

    private var stagedPath: String { staging + "/hf-\(side.rawValue)-\(padded(shards.count)).parquet" }

    private mutating func closeShard() throws {
        guard let writer else { return }
        let sha256 = try writer.finish()
        shards.append(StagedFile(stagedPath: stagedPath, path: "", bytes: writer.byteCount, sha256: sha256, samples: writer.rowCount))
        self.writer = nil
    }

    private func padded(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }
}
