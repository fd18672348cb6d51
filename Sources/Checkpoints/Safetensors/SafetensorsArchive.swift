/// Named tensors in the safetensors format (huggingface.co/docs/safetensors): a length, a header in JSON, the numbers. Every offset is
/// checked against the bytes that are there, when the file is opened; the numbers are read when they are asked for.
public struct SafetensorsArchive: TensorArchive {
    /// Sorted.
    public let names: [String]
    /// Free text of the file's maker.
    public let metadata: [String: String]
    private let entries: [String: SafetensorsHeader.Entry]
    private let source: any ByteSource
    private let dataStart: Int

    /// - Throws: `CheckpointError`: `unreadable`, or `malformed` with what does not fit.
    public init(path: String) throws(CheckpointError) { try self.init(CheckpointFile(path: path)) }

    /// A file's bytes, in memory.
    ///
    /// - name: what errors call it.
    public init(bytes: [UInt8], name: String) throws(CheckpointError) { try self.init(InMemoryBytes(bytes, name: name)) }

    package init(_ source: any ByteSource) throws(CheckpointError) {
        guard source.count >= 8 else { throw source.malformed("\(source.count) bytes are no safetensors file, which begins with 8 for its header's length") }
        let length = try source.bytes(0 ..< 8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= SafetensorsHeader.mostBytes, Int(length) <= source.count - 8 else {
            throw source.malformed("a header of \(length) bytes does not fit into the file's \(source.count), or is larger than the \(SafetensorsHeader.mostBytes) that the format allows: it is no safetensors file, or is cut off")
        }
        dataStart = 8 + Int(length)
        let json = try source.bytes(8 ..< dataStart)
        guard json.first == UInt8(ascii: "{") else { throw source.malformed("no JSON follows the header's length: it is no safetensors file") }
        let header: SafetensorsHeader
        do throws(HeaderScanner.Refusal) {
            header = try SafetensorsHeader(json, dataCount: source.count - dataStart)
        } catch { throw source.malformed(error.message) }
        entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0) })
        names = entries.keys.sorted()
        metadata = header.metadata
        self.source = source
    }

    /// - Throws: `CheckpointError.tensorMissing`.
    public func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let entry = entries[name] else { throw .missing(name, in: source.name, names: names) }
        let start = dataStart + entry.place.lowerBound
        return StoredTensor(name: name, elementType: entry.elementType, shape: entry.shape) { [source] range, body throws(CheckpointError) in
            try source.withBytes(start + range.lowerBound ..< start + range.upperBound, body)
        }
    }
}
