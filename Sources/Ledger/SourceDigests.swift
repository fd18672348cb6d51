import FleetModel

/// The digests of a clip's source fields in one row of bytes, so that planning 100,000 clips need not parse 100,000 documents.
enum SourceDigests {
    private static let fields = SourceField.allCases.sorted { $0.rawValue < $1.rawValue }
    /// Says which fields are meant, in which order: a program that knows other fields reads the document instead.
    private static let tag = Array(Digest.of("sources 1\n" + fields.map(\.rawValue).joined(separator: "\n")).bytes.prefix(4))

    static func encode(_ clip: Clip) -> [UInt8] {
        var bytes = tag
        bytes.reserveCapacity(4 + 32 * fields.count)
        for field in fields { bytes += field.digest(of: clip).bytes }
        return bytes
    }

    /// - Returns: nil where the bytes were written for other fields.
    static func decode(_ bytes: [UInt8]) -> [SourceField: Digest]? {
        guard bytes.count == 4 + 32 * fields.count, bytes.starts(with: tag) else { return nil }
        var digests: [SourceField: Digest] = [:]
        digests.reserveCapacity(fields.count)
        for (index, field) in fields.enumerated() {
            digests[field] = Digest(bytes: bytes[(4 + 32 * index)..<(36 + 32 * index)])
        }
        return digests
    }
}
