/// What a checkpoint's pickle may build. Containers are numbers into the machine's lists of them, as a pickle may put one into itself, and
/// shares them freely: so nothing is copied, nothing leaks, and nothing is walked deeper than who walks it allows.
enum PickleValue {
    case none
    case bool(Bool)
    case integer(Int)
    case real(Double)
    case string(String)
    case bytes([UInt8])
    /// A name that was asked for and is known.
    case global(PickleGlobal)
    case tuple(Int)
    case list(Int)
    case dictionary(Int)
    case storage(TorchStorage)
    case tensor(TorchTensor)

    /// What an error calls it.
    var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a truth value"
        case .integer: "a whole number"
        case .real: "a number"
        case .string(let text): "the string '\(text.prefix(40))'"
        case .bytes: "bytes"
        case .global(let global): global.name
        case .tuple: "a tuple"
        case .list: "a list"
        case .dictionary: "a dictionary"
        case .storage: "a storage"
        case .tensor: "a tensor"
        }
    }
}

/// The only names that a checkpoint may ask for.
enum PickleGlobal: Equatable {
    case orderedDictionary
    case rebuildTensor
    case rebuildParameter
    case storage(ElementType)

    /// - Returns: nil for every other name.
    init?(module: String, name: String) {
        switch (module, name) {
        case ("collections", "OrderedDict"): self = .orderedDictionary
        case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
        case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
        case ("torch", _):
            guard let type = Self.storages[name] else { return nil }
            self = .storage(type)
        default: return nil
        }
    }

    var name: String {
        switch self {
        case .orderedDictionary: "collections.OrderedDict"
        case .rebuildTensor: "torch._utils._rebuild_tensor_v2"
        case .rebuildParameter: "torch._utils._rebuild_parameter"
        case .storage(let type): "torch." + (Self.storages.first { $0.value == type }?.key ?? "storage")
        }
    }

    private static let storages: [String: ElementType] = [
        "DoubleStorage": .float64, "FloatStorage": .float32, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
        "LongStorage": .int64, "IntStorage": .int32, "ShortStorage": .int16, "CharStorage": .int8, "ByteStorage": .uint8, "BoolStorage": .bool,
    ]
}

/// Numbers in a file of the archive.
struct TorchStorage {
    var elementType: ElementType
    /// Of its file within the archive.
    var key: String
    var elementCount: Int
}

/// A view of a storage, whose reach has been checked against the storage's own number of elements.
struct TorchTensor {
    var storage: TorchStorage
    var offset: Int
    var shape: [Int]
    /// Elements, not bytes.
    var strides: [Int]

    /// What an expanded tensor may have beyond its storage: 256 MiB in single precision.
    static let mostExpanded = 1 << 26

    /// - Returns: nil when a size or a stride is negative, or the tensor reaches out of its storage, or repeats it beyond measure.
    init?(storage: TorchStorage, offset: Int, shape: [Int], strides: [Int]) {
        guard shape.count == strides.count, shape.count <= 64, offset >= 0, offset <= storage.elementCount else { return nil }
        var count = 1, last = offset
        for (size, stride) in zip(shape, strides) {
            guard size >= 0, stride >= 0, size < 1 << 40 else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            let (reach, far) = stride.multipliedReportingOverflow(by: max(size - 1, 0))
            let (sum, further) = last.addingReportingOverflow(reach)
            guard !overflow, !far, !further else { return nil }
            (count, last) = (product, sum)
        }
        guard count == 0 || (last < storage.elementCount && count <= max(storage.elementCount, Self.mostExpanded)) else { return nil }
        (self.storage, self.offset, self.shape) = (storage, offset, shape)
        // Where there is no second element, the way to it is any number, and may be one that nothing can be added to.
        self.strides = zip(shape, strides).map { $0 > 1 ? $1 : 0 }
    }

    /// Whether its elements lie one after another, row-major.
    var isContiguous: Bool {
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() where size != 1 {
            if stride != expected { return false }
            expected *= size
        }
        return true
    }
}
