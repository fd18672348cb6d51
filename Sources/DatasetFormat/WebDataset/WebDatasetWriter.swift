/// Writes one split's samples as `wds/<split>/<split>-NNNNNN.tar`: a sample's members adjacent and sorted, every sample with the same ones.
struct WebDatasetWriter {
    private let side: SplitSide
    private let staging: String
    private let attachments: [AttachmentName]
    private let limits: ShardLimits
    private var tar: TarWriter?
    private var samplesInShard = 0
    private var shardNumber = 0
    private(set) var shards: [StagedFile] = []

    init(side: SplitSide, staging: String, attachments: [AttachmentName], limits: ShardLimits) {
        self.side = side
        self.staging = staging
        self.attachments = attachments
        self.limits = limits
    }

    /// - Throws: `dataset.members_differ` unless the attachments are exactly those expected.
    static func check(_ given: [AttachmentName: [UInt8]], against expected: [AttachmentName], key: SampleKey) throws {
        if let missing = expected.first(where: { given[$0] == nil }) {
            throw DatasetError(.membersDiffer, "The sample '\(key)' lacks its member '\(missing)'; every sample must have it.")
        }
        if let stranger = given.keys.filter({ !expected.contains($0) }).min() {
            throw DatasetError(.membersDiffer, "The sample '\(key)' has a member '\(stranger)' that the plan does not name; name it there.")
        }
        if let large = given.filter({ $0.value.count > TarWriter.maximumMemberSize }).keys.min() {
            throw DatasetError(.membersDiffer, "The member '\(large)' of the sample '\(key)' is too large for a tar file.")
        }
    }

    mutating func append(key: SampleKey, json: [UInt8], text: String, attachments given: [AttachmentName: [UInt8]]) throws {
        try WebDatasetWriter.check(given, against: attachments, key: key)
        var members = [("json", json), ("txt", Array(text.utf8))] + given.map { ($0.key.text, $0.value) }
        members.sort { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }

        let footprint = members.reduce(0) { $0 + TarWriter.footprint(of: $1.1.count) }
        if let tar, samplesInShard == limits.samplesPerTar || tar.byteCount + footprint > limits.bytesPerTar { try closeShard() }
        var current = try tar ?? openShard()
        for (name, contents) in members { try current.append(name: key.text + "." + name, contents) }
        tar = current
        samplesInShard += 1
    }

    /// - Returns: all shards of the split, in order.
    mutating func finish() throws -> [StagedFile] {
        try closeShard()
        return shards
    }

    private var shardName: String {
        let number = String(shardNumber)
        return "\(side.rawValue)-" + String(repeating: "0", count: max(0, 6 - number.count)) + number + ".tar"
    }

    private func openShard() throws -> TarWriter {
        TarWriter(to: try OutputFile(path: staging + "/wds-" + shardName))
    }

    private mutating func closeShard() throws {
        guard let tar else { return }
        let sha256 = try tar.finish()
        shards.append(StagedFile(stagedPath: staging + "/wds-" + shardName, path: "wds/\(side.rawValue)/" + shardName,
                                 bytes: tar.byteCount, sha256: sha256, samples: samplesInShard))
        self.tar = nil
        samplesInShard = 0
        shardNumber += 1
    }
}
