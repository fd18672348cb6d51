/// A zip archive of files stored as they are, as PyTorch's writer lays it out: every file's bytes begin at a multiple of 64, lengths follow them, no dates.
/// For archives of less than 4 GiB.
struct StoredZip {
    static let alignment = 64

    /// CRC-32 of each file so far.
    private(set) var checksums: [UInt32] = []
    private let folder: String
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []

    init(folder: String) { self.folder = folder }

    mutating func add(_ name: String, _ data: [UInt8]) {
        let name = Array("\(folder)/\(name)".utf8), offset = bytes.count
        let checksum = CyclicRedundancyCheck.checksum(data)
        checksums.append(checksum)
        bytes.reserveCapacity(offset + data.count + 4096)
        // The padding is an extra field of its own kind, its length the padding's.
        let start = offset + 30 + name.count + 4
        let padding = (Self.alignment - start % Self.alignment) % Self.alignment
        little(0x0403_4B50, 4, to: &bytes)
        // Version; flags: lengths follow the bytes, the name is UTF-8; stored; no time and date; checksum and lengths not yet known.
        for (value, width) in [(0, 2), (0x0808, 2), (0, 2), (0, 4), (0, 4), (0, 4), (0, 4), (name.count, 2), (padding + 4, 2)] { little(value, width, to: &bytes) }
        bytes += name + Array("FB".utf8)
        little(padding, 2, to: &bytes)
        bytes += Array(repeating: UInt8(ascii: "Z"), count: padding) + data
        little(0x0807_4B50, 4, to: &bytes)
        for value in [Int(checksum), data.count, data.count] { little(value, 4, to: &bytes) }

        little(0x0201_4B50, 4, to: &directory)
        for (value, width) in [(0, 2), (0, 2), (0x0808, 2), (0, 2), (0, 4), (Int(checksum), 4), (data.count, 4), (data.count, 4), (name.count, 2),
                               (0, 2), (0, 2), (0, 2), (0, 2), (0, 4), (offset, 4)] { little(value, width, to: &directory) }
        directory += name
    }

    /// The whole archive, its directory in the wide form and in the narrow one.
    mutating func finish() -> [UInt8] {
        let start = bytes.count, count = checksums.count
        bytes += directory
        let end = bytes.count
        little(0x0606_4B50, 4, to: &bytes)
        for (value, width) in [(44, 8), (0x031E, 2), (45, 2), (0, 4), (0, 4), (count, 8), (count, 8), (directory.count, 8), (start, 8)] { little(value, width, to: &bytes) }
        little(0x0706_4B50, 4, to: &bytes)
        for (value, width) in [(0, 4), (end, 8), (1, 4)] { little(value, width, to: &bytes) }
        little(0x0605_4B50, 4, to: &bytes)
        for (value, width) in [(0, 2), (0, 2), (count, 2), (count, 2), (directory.count, 4), (start, 4), (0, 2)] { little(value, width, to: &bytes) }
        return bytes
    }

    private func little(_ value: Int, _ width: Int, to bytes: inout [UInt8]) {
        for shift in 0 ..< width { bytes.append(UInt8(truncatingIfNeeded: value >> (shift * 8))) }
    }
}
