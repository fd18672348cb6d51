import CTensorKernels

/// One tensor as `torch.save` writes it, byte for byte (PyTorch 2.13; all since 2.1 read it, with `weights_only=True` too): a zip archive of stored files, each
/// beginning at a multiple of 64 bytes, with a pickle of one `torch._utils._rebuild_tensor_v2`.
///
/// Source: PyTorch, `caffe2/serialize/inline_container.cc`, `torch/serialization.py`.
public enum TorchArchiveWriter {
    /// - Parameters:
    ///   - values: row-major, the shape's product of them.
    ///   - shape: one to three dimensions, none of them 0.
    ///   - elementType: `float32`, `float16` (rounded to nearest even; what is too large becomes infinite) or `bfloat16` (rounded to nearest even).
    ///   - archive: the folder within the archive: `torch.save` takes the file's name without its ending, and `archive` where it writes to memory.
    /// - Throws: `CheckpointError.unsupported` for another type or shape, and for 2 GiB or more, which take zip's 64-bit form.
    public static func bytes(_ values: [Float], shape: [Int], as elementType: ElementType, archive: String = "archive") throws(CheckpointError) -> [UInt8] {
        guard (1 ... 3).contains(shape.count), shape.allSatisfy({ $0 > 0 }), shape.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == values.count else {
            throw CheckpointError(code: .tensorShape, message: "a tensor of \(values.count) numbers cannot be saved in shape \(shape)")
        }
        guard values.count < 1 << 29, let storage = storageClass(elementType) else {
            throw CheckpointError(code: .unsupported, message: "a tensor of \(values.count) numbers cannot be saved as \(elementType.rawValue): save f32, f16 or bf16, of less than 2 GiB")
        }
        var zip = StoredZip(folder: archive)
        zip.add("data.pkl", pickle(storage: storage, shape: shape))
        zip.add(".format_version", Array("1".utf8))
        zip.add(".storage_alignment", Array("\(StoredZip.alignment)".utf8))
        zip.add("byteorder", Array("little".utf8))
        zip.add("data/0", data(values, elementType))
        zip.add("version", Array("3\n".utf8))
        zip.add(".data/serialization_id", Array((Self.namesHash + Self.decimal20(zip.checksums.reduce(0, combine))).utf8))
        return zip.finish()
    }

    private static func storageClass(_ type: ElementType) -> String? {
        switch type {
        case .float32: "FloatStorage"
        case .float16: "HalfStorage"
        case .bfloat16: "BFloat16Storage"
        default: nil
        }
    }

    /// `_rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())`, in pickle's protocol 2.
    private static func pickle(storage: String, shape: [Int]) -> [UInt8] {
        var strides = Array(repeating: 1, count: shape.count)
        for index in shape.indices.dropLast().reversed() { strides[index] = strides[index + 1] * shape[index + 1] }
        var text = PickleText()
        text.global("torch._utils", "_rebuild_tensor_v2")
        text.mark()
        text.mark()
        text.string("storage")
        text.global("torch", storage)
        text.string("0")
        text.string("cpu")
        text.integer(shape.reduce(1, *))
        text.tuple()
        text.persistentID()
        text.integer(0)
        text.tuple(of: shape)
        text.tuple(of: strides)
        text.no()
        text.global("collections", "OrderedDict")
        text.emptyTuple()
        text.call()
        text.tuple()
        text.call()
        return text.finish()
    }

    private static func data(_ values: [Float], _ type: ElementType) -> [UInt8] {
        guard type != .float32 else { return values.withUnsafeBytes { Array($0) } }
        let words = [UInt16](unsafeUninitializedCapacity: values.count) { words, count in
            // Invariant: as many words as values, and there are some.
            if type == .float16 { tensor_to_half(values, words.baseAddress, values.count) } else { tensor_to_bfloat(values, words.baseAddress, values.count) }
            count = values.count
        }
        return words.withUnsafeBytes { Array($0) }
    }

    /// The hash of the names of the six files before the identifier, which are the same in every archive of one tensor (libstdc++'s string hash, in the order of its hash set).
    private static let namesHash = "15728199511854643026"

    /// Boost's combination of hashes, as PyTorch combines the files' checksums.
    private static func combine(_ seed: UInt64, _ value: UInt32) -> UInt64 { seed ^ (UInt64(value) &+ 0x9E37_79B9 &+ seed << 6 &+ seed >> 2) }

    private static func decimal20(_ value: UInt64) -> String {
        let digits = String(value)
        return String(repeating: "0", count: 20 - digits.count) + digits
    }
}
