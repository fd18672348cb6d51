/// A pickle, written operation by operation, for a test.
struct Pickle {
    private(set) var bytes: [UInt8] = [0x80, 2]

    init(protocol version: UInt8 = 2) { bytes = [0x80, version] }

    mutating func raw(_ more: [UInt8]) { bytes += more }
    mutating func raw(_ text: String) { bytes += Array(text.utf8) }
    mutating func global(_ module: String, _ name: String) { raw("c\(module)\n\(name)\n") }
    mutating func text(_ text: String) { bytes += Array("X".utf8) + ZipFile.number(text.utf8.count, 4) + Array(text.utf8) }
    mutating func number(_ value: Int) { bytes += [0x8A, 8] + ZipFile.number(value, 8) }

    mutating func tuple(_ values: [Int]) {
        raw("(")
        for value in values { number(value) }
        raw("t")
    }

    /// `_rebuild_tensor_v2` of a storage.
    mutating func tensor(type: String = "FloatStorage", key: String = "0", count: Int, offset: Int = 0, shape: [Int], strides: [Int]) {
        global("torch._utils", "_rebuild_tensor_v2")
        raw("((")
        text("storage")
        global("torch", type)
        text(key)
        text("cpu")
        number(count)
        raw("tQ")
        number(offset)
        tuple(shape)
        tuple(strides)
        bytes.append(0x89)
        global("collections", "OrderedDict")
        raw(")RtR")
    }

    /// A dictionary of one tensor `w`, whole.
    static func ofTensor(type: String = "FloatStorage", count: Int, offset: Int = 0, shape: [Int], strides: [Int]) -> Pickle {
        var pickle = Pickle()
        pickle.raw("}(")
        pickle.text("w")
        pickle.tensor(type: type, count: count, offset: offset, shape: shape, strides: strides)
        pickle.raw("u.")
        return pickle
    }
}

extension ZipFile {
    /// As torch.save writes it.
    init(pickle: Pickle, storages: [String: [UInt8]] = [:], byteOrder: String? = "little") {
        add("archive/data.pkl", pickle.bytes)
        if let byteOrder { add("archive/byteorder", Array(byteOrder.utf8)) }
        for (key, bytes) in storages.sorted(by: { $0.key < $1.key }) { add("archive/data/\(key)", bytes) }
        add("archive/version", Array("3\n".utf8))
    }
}

/// Numbers in single precision, little-endian.
func singles(_ values: [Float]) -> [UInt8] { values.flatMap { ZipFile.number(Int($0.bitPattern), 4) } }
