/// Named tensors that `torch.save` wrote (PyTorch 1.6 and later: `.pt`, `.pth`, `.bin`): a zip archive of a pickle and of the storages'
/// bytes. The pickle is read by a machine that builds tensors and plain containers, and nothing else (`PickleMachine`).
///
/// Nested dictionaries give names joined by dots; a file of one tensor calls it `tensor`.
public struct TorchArchive: TensorArchive {
    /// A file that is one tensor.
    public static let soleName = "tensor"
    private static let mostTensors = 1 << 17
    private static let mostVisits = 1 << 18
    private static let deepest = 32

    /// Sorted.
    public let names: [String]
    private let tensors: [String: TorchTensor]
    private let storages: [String: Range<Int>]
    private let isBigEndian: Bool
    private let source: any ByteSource

    /// - Throws: `CheckpointError`: `unreadable`, `malformed` with what does not fit, `unsupported` with what the pickle asked for.
    public init(path: String) throws(CheckpointError) { try self.init(CheckpointFile(path: path)) }

    /// A file's bytes, in memory.
    ///
    /// - name: what errors call it.
    public init(bytes: [UInt8], name: String) throws(CheckpointError) { try self.init(InMemoryBytes(bytes, name: name)) }

    package init(_ source: any ByteSource) throws(CheckpointError) {
        self.source = source
        try Self.refuseLegacy(source)
        let directory = try ZipDirectory(source)
        guard let pickleName = directory.names.first(where: { $0.hasSuffix("/data.pkl") }), let pickle = try directory.place(pickleName) else {
            throw source.unsupported("it is a zip archive without data.pkl: it is not from torch.save")
        }
        let folder = pickleName.dropLast("data.pkl".count)
        guard pickle.count <= PickleMachine.mostBytes else { throw source.unsupported("its pickle has \(pickle.count) bytes, and \(PickleMachine.mostBytes) are read at most") }
        switch try directory.place(folder + "byteorder").map({ place throws(CheckpointError) in try source.bytes(place.prefix(16)) }) {
        case nil, Array("little".utf8)?: isBigEndian = false
        case Array("big".utf8)?: isBigEndian = true
        default: throw source.malformed("its byte order is unknown")
        }
        var machine = PickleMachine(try source.bytes(pickle))
        do throws(PickleMachine.Refusal) {
            let root = try machine.run()
            tensors = try Self.collect(root, machine)
        } catch { throw CheckpointError(code: error.code, message: "\(source.name): \(error.message)") }
        names = tensors.keys.sorted()
        storages = try Self.storages(tensors.values, folder: String(folder), directory, source)
    }

    /// - Throws: `CheckpointError.tensorMissing`.
    public func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let tensor = tensors[name], let place = storages[tensor.storage.key] else { throw .missing(name, in: source.name, names: names) }
        let width = tensor.storage.elementType.bits / 8
        if tensor.isContiguous, !isBigEndian || width == 1 {
            let start = place.lowerBound + tensor.offset * width
            return StoredTensor(name: name, elementType: tensor.storage.elementType, shape: tensor.shape) { [source] range, body throws(CheckpointError) in
                try source.withBytes(start + range.lowerBound ..< start + range.upperBound, body)
            }
        }
        let gatherer = StridedGatherer(tensor, place: place, swapsBytes: isBigEndian, source: source)
        return StoredTensor(name: name, elementType: tensor.storage.elementType, shape: tensor.shape) { range, body throws(CheckpointError) in
            let bytes = try gatherer.bytes(range)
            bytes.withUnsafeBytes(body)
        }
    }

    // MARK: Reading

    /// What came before zip archives: a pickle of a magic number.
    private static func refuseLegacy(_ source: any ByteSource) throws(CheckpointError) {
        let first = try source.bytes(0 ..< min(source.count, 4))
        if first.starts(with: [0x80, 0x02, 0x8A, 0x0A]) || first.starts(with: Array("./".utf8)) {
            throw source.unsupported("it is in PyTorch's format of before 1.6; write it anew with Python: "
                + "torch.save(torch.load('old.pth', map_location='cpu', weights_only=True), 'new.pth')")
        }
    }

    /// Tensors by their names, within dictionaries and lists.
    private static func collect(_ root: PickleValue, _ machine: PickleMachine) throws(PickleMachine.Refusal) -> [String: TorchTensor] {
        if case .tensor(let tensor) = root { return [soleName: tensor] }
        var result: [String: TorchTensor] = [:]
        var pending: [(name: String, value: PickleValue, depth: Int)] = [("", root, 0)]
        var visits = 0, nameBytes = 0
        while let (name, value, depth) = pending.popLast() {
            visits += 1
            nameBytes += name.utf8.count
            // A pickle that shares its parts can say in a few bytes what takes for ever to walk.
            guard visits <= mostVisits, nameBytes <= 1 << 25, pending.count <= mostVisits, depth <= deepest else { throw .malformed("its pickle is nested beyond measure") }
            switch value {
            case .tensor(let tensor):
                result[name] = tensor
                guard result.count <= mostTensors else { throw .malformed("it has more than \(mostTensors) tensors") }
            case .dictionary(let index):
                for (key, item) in machine.dictionaries[index] {
                    guard let key = text(key) else { throw .malformed("a dictionary of its pickle has \(key.kind) for a key") }
                    guard holds(item) else { continue }
                    pending.append((name.isEmpty ? key : name + "." + key, item, depth + 1))
                }
            case .list(let index), .tuple(let index):
                for (place, item) in machine.sequences[index].enumerated() where holds(item) {
                    pending.append((name.isEmpty ? "\(place)" : "\(name).\(place)", item, depth + 1))
                }
            default: break
            }
        }
        return result
    }

    /// Whether tensors can be in it.
    private static func holds(_ value: PickleValue) -> Bool {
        switch value {
        case .tensor, .dictionary, .list, .tuple: true
        default: false
        }
    }

    private static func text(_ key: PickleValue) -> String? {
        switch key {
        case .string(let text): text
        case .integer(let number): "\(number)"
        default: nil
        }
    }

    /// Where the storages lie, each as large as its tensors believe.
    private static func storages(_ tensors: some Sequence<TorchTensor>, folder: String, _ directory: ZipDirectory, _ source: any ByteSource) throws(CheckpointError) -> [String: Range<Int>] {
        var result: [String: Range<Int>] = [:]
        for tensor in tensors {
            let storage = tensor.storage
            if result[storage.key] == nil { result[storage.key] = try directory.place(folder + "data/" + storage.key) }
            guard let place = result[storage.key] else { throw source.malformed("its storage \(storage.key) is missing: it is damaged") }
            let (size, overflow) = storage.elementCount.multipliedReportingOverflow(by: storage.elementType.bits / 8)
            guard !overflow, size <= place.count else { throw source.malformed("its storage \(storage.key) has \(place.count) bytes, not \(storage.elementCount) numbers of \(storage.elementType.rawValue)") }
        }
        return result
    }
}
