/// Where the files of a zip archive lie, for archives whose files are stored as they are, as torch.save writes them. The central directory
/// alone is believed: local headers are read only for their length, so that those with data descriptors are no exception.
struct ZipDirectory {
    /// More than any checkpoint has.
    private static let mostEntries = 1 << 20
    private static let mostDirectoryBytes = 1 << 28

    private struct End {
        var entries: Int
        var size: Int
        var offset: Int
    }

    /// Where a file's local header is, and how many bytes it has.
    private struct Entry {
        var header: Int
        var size: Int
    }

    private var entries: [String: Entry] = [:]
    private let source: any ByteSource

    /// - Throws: `CheckpointError.malformed`, or `unsupported` for archives that are compressed, encrypted or in parts.
    init(_ source: any ByteSource) throws(CheckpointError) {
        self.source = source
        let end = try Self.end(source)
        guard end.entries <= Self.mostEntries, end.size <= Self.mostDirectoryBytes, end.offset >= 0, end.offset <= source.count - end.size else {
            throw source.malformed("its zip directory of \(end.entries) files and \(end.size) bytes at \(end.offset) does not fit: it is cut off or damaged")
        }
        let directory = LittleEndian(try source.bytes(end.offset ..< end.offset + end.size))
        var at = 0
        for _ in 0 ..< end.entries {
            guard directory.u32(at) == 0x0201_4B50, let next = try read(directory, at) else { throw source.malformed("its zip directory is damaged at byte \(end.offset + at)") }
            at = next
        }
    }

    /// Sorted.
    var names: [String] { entries.keys.sorted() }

    /// The bytes of a file within the archive; nil when there is none of this name.
    func place(_ name: String) throws(CheckpointError) -> Range<Int>? {
        guard let entry = entries[name] else { return nil }
        guard entry.header <= source.count - 30 else { throw source.malformed("its file \(name) lies outside of it") }
        let header = LittleEndian(try source.bytes(entry.header ..< entry.header + 30))
        guard header.u32(0) == 0x0403_4B50, let nameLength = header.u16(26), let extraLength = header.u16(28) else {
            throw source.malformed("its file \(name) is not where its zip directory says")
        }
        let start = entry.header + 30 + nameLength + extraLength
        guard start <= source.count, entry.size <= source.count - start else { throw source.malformed("its file \(name) of \(entry.size) bytes lies outside of it: it is cut off") }
        return start ..< start + entry.size
    }

    /// One entry of the central directory.
    ///
    /// - Returns: where the next one is; nil when this one does not fit.
    private mutating func read(_ directory: LittleEndian, _ at: Int) throws(CheckpointError) -> Int? {
        guard let flags = directory.u16(at + 8), let method = directory.u16(at + 10), let packed = directory.u32(at + 20), let size = directory.u32(at + 24),
              let nameLength = directory.u16(at + 28), let extraLength = directory.u16(at + 30), let commentLength = directory.u16(at + 32),
              let header = directory.u32(at + 42), let nameBytes = directory.bytes(at + 46, nameLength), let extra = directory.bytes(at + 46 + nameLength, extraLength) else { return nil }
        let name = String(decoding: nameBytes, as: UTF8.self)
        guard method == 0, flags & 1 == 0 else { throw source.unsupported("its file \(name) is \(method == 0 ? "encrypted" : "compressed"), which torch.save does not do: unpack it, and save it with torch.save") }
        var wide = WideFields(LittleEndian(extra))
        guard let size = size == 0xFFFF_FFFF ? wide.next() : size, let packed = packed == 0xFFFF_FFFF ? wide.next() : packed,
              let header = header == 0xFFFF_FFFF ? wide.next() : header, packed == size else { return nil }
        guard entries.updateValue(Entry(header: header, size: size), forKey: name) == nil else { throw source.malformed("its zip directory has the file \(name) twice") }
        return at + 46 + nameLength + extraLength + commentLength
    }

    /// The record at the end of the file, behind which a comment of 65,535 bytes at most may stand.
    private static func end(_ source: any ByteSource) throws(CheckpointError) -> End {
        let first = max(0, source.count - 22 - 65_535)
        let tail = LittleEndian(try source.bytes(first ..< source.count))
        guard let at = stride(from: source.count - first - 22, through: 0, by: -1).first(where: { tail.u32($0) == 0x0605_4B50 }),
              let entries = tail.u16(at + 10), let size = tail.u32(at + 12), let offset = tail.u32(at + 16) else {
            throw source.malformed("its zip directory is missing: it is cut off, copy it again")
        }
        guard entries == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF else { return End(entries: entries, size: size, offset: offset) }
        // zip64: a locator of 20 bytes stands before, which says where the wide record is.
        guard at >= 20, tail.u32(at - 20) == 0x0706_4B50, let record = tail.u64(at - 12), record <= source.count - 56 else {
            throw source.malformed("its zip64 directory is missing: it is damaged")
        }
        let wide = LittleEndian(try source.bytes(record ..< record + 56))
        guard wide.u32(0) == 0x0606_4B50, let entries = wide.u64(32), let size = wide.u64(40), let offset = wide.u64(48) else {
            throw source.malformed("its zip64 directory is not where it should be: it is damaged")
        }
        return End(entries: entries, size: size, offset: offset)
    }

    /// The 64-bit numbers of an entry's zip64 field, in the order of the fields that are too narrow for them.
    private struct WideFields {
        private var numbers: [Int] = []

        init(_ extra: LittleEndian) {
            var at = 0
            while let kind = extra.u16(at), let length = extra.u16(at + 2), extra.bytes(at + 4, length) != nil {
                if kind == 1 { numbers = stride(from: 0, to: length - length % 8, by: 8).compactMap { extra.u64(at + 4 + $0) } }
                at += 4 + length
            }
        }

        mutating func next() -> Int? { numbers.isEmpty ? nil : numbers.removeFirst() }
    }
}
