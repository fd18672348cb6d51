import Checkpoints
import Testing

@Suite struct TorchArchiveTests {
    private static let six = singles([0, 1, 2, 3, 4, 5])

    private static func open(_ pickle: Pickle, _ storages: [String: [UInt8]] = ["0": six], byteOrder: String? = "little", _ change: (inout ZipFile) -> Void = { _ in }) throws -> TorchArchive {
        var zip = ZipFile(pickle: pickle, storages: storages, byteOrder: byteOrder)
        change(&zip)
        return try TorchArchive(bytes: zip.bytes, name: "made.pt")
    }

    private static func code(_ pickle: Pickle, _ storages: [String: [UInt8]] = ["0": six]) -> (CheckpointError.Code?, String) {
        do {
            _ = try open(pickle, storages)
            return (nil, "")
        } catch { return ((error as? CheckpointError)?.code, "\(error)") }
    }

    @Test func readsTensorsInEveryKindOfZip() throws {
        let pickle = Pickle.ofTensor(count: 6, shape: [2, 3], strides: [3, 1])
        for (wide, descriptors) in [(false, false), (true, false), (false, true), (true, true)] {
            let archive = try Self.open(pickle) { ($0.isWide, $0.hasDataDescriptors) = (wide, descriptors) }
            let tensor = try archive.tensor("w")
            #expect(tensor.shape == [2, 3] && archive.names == ["w"])
            #expect(try tensor.floats() == [0, 1, 2, 3, 4, 5])
            #expect(try tensor.rows(1 ..< 2) == [3, 4, 5])
        }
    }

    @Test func followsStridesAndOffsets() throws {
        #expect(try Self.open(.ofTensor(count: 6, shape: [3, 2], strides: [1, 3])).tensor("w").floats() == [0, 3, 1, 4, 2, 5])
        #expect(try Self.open(.ofTensor(count: 6, shape: [3, 2], strides: [1, 3])).tensor("w").rows(1 ..< 3) == [1, 4, 2, 5])
        #expect(try Self.open(.ofTensor(count: 6, offset: 4, shape: [2], strides: [1])).tensor("w").floats() == [4, 5])
        #expect(try Self.open(.ofTensor(count: 6, offset: 1, shape: [2, 3], strides: [0, 2])).tensor("w").floats() == [1, 3, 5, 1, 3, 5])
        #expect(try Self.open(.ofTensor(count: 6, offset: 1, shape: [1, 2, 1], strides: [Int.max, 2, Int.max])).tensor("w").floats() == [1, 3])
        #expect(try Self.open(.ofTensor(count: 6, shape: [], strides: [])).tensor("w").floats() == [0])
        #expect(try Self.open(.ofTensor(count: 6, shape: [0, 3], strides: [3, 1])).tensor("w").floats() == [])
        #expect(try Self.open(.ofTensor(count: 6, shape: [0, 3], strides: [1, 0])).tensor("w").rows(0 ..< 0) == [])
    }

    @Test func readsBigEndianNumbers() throws {
        let big = [Float(1.5), -2].flatMap { ZipFile.number(Int($0.bitPattern), 4).reversed() }
        #expect(try Self.open(.ofTensor(count: 2, shape: [2], strides: [1]), ["0": big], byteOrder: "big").tensor("w").floats() == [1.5, -2])
        #expect(throws: CheckpointError.self) { try Self.open(.ofTensor(count: 2, shape: [2], strides: [1]), ["0": big], byteOrder: "middle") }
        #expect(try Self.open(.ofTensor(count: 6, shape: [2], strides: [1]), byteOrder: nil).tensor("w").floats() == [0, 1])
    }

    @Test func namesNestedTensorsByTheirPath() throws {
        var pickle = Pickle(protocol: 4)
        pickle.raw([0x95] + ZipFile.number(0, 8)) // A frame, whose length says nothing.
        pickle.raw("}(")
        pickle.text("epoch")
        pickle.number(3)
        pickle.text("model")
        pickle.raw("}(")
        pickle.text("layers")
        pickle.raw("](")
        pickle.tensor(count: 6, shape: [6], strides: [1])
        pickle.tensor(count: 6, offset: 5, shape: [1], strides: [1])
        pickle.raw("eK\u{7}N") // An item with a number for its key, that is nothing.
        pickle.raw("uu.")
        let archive = try Self.open(pickle)
        #expect(archive.names == ["model.layers.0", "model.layers.1"])
        #expect(try archive.tensor("model.layers.1").floats() == [5])
    }

    @Test func passesOverTheNotesOfAStateDictionary() throws {
        var pickle = Pickle()
        pickle.global("collections", "OrderedDict")
        pickle.raw(")R(")
        pickle.text("w")
        pickle.tensor(count: 6, shape: [6], strides: [1])
        pickle.raw("u}")
        pickle.text("_metadata")
        pickle.global("collections", "OrderedDict")
        pickle.raw(")Rsb.")
        #expect(try Self.open(pickle).names == ["w"])
    }

    /// What a pickle may ask of Python, and must not get here.
    @Test(arguments: [("os", "system"), ("builtins", "eval"), ("torch", "load"), ("torch.storage", "_load_from_bytes"), ("collections", "deque"), ("torch", "FloatStorages"),
                      ("torch._utils", "_rebuild_tensor"), ("posix", "system"), ("numpy.core.multiarray", "_reconstruct")])
    func refusesEveryOtherName(module: String, name: String) {
        for version in [2, 4] as [UInt8] {
            var pickle = Pickle(protocol: version)
            if version == 2 { pickle.global(module, name) } else {
                pickle.text(module)
                pickle.text(name)
                pickle.raw([0x93])
            }
            pickle.raw("(")
            pickle.text("touch /tmp/owned")
            pickle.raw("tR.")
            let (code, message) = Self.code(pickle)
            #expect(code == .unsupported && message.contains("\(module).\(name)"), "\(message)")
        }
    }

    @Test func refusesObjectsSetsAndExtensions() {
        for (operation, what) in [([0x81], "NEWOBJ"), ([UInt8(ascii: "o")], "OBJ"), ([UInt8(ascii: "i")], "INST"), ([0x82, 1], "EXT1"), ([0x8F], "EMPTY_SET"), ([0x97], "NEXT_BUFFER")] as [([UInt8], String)] {
            var pickle = Pickle()
            pickle.raw(operation)
            let (code, message) = Self.code(pickle)
            #expect(code == .unsupported && message.contains(what), "\(message)")
        }
        var calls = Pickle(), attributes = Pickle()
        calls.raw(")")
        calls.raw(")R.")
        #expect(Self.code(calls).0 == .unsupported)
        attributes.tensor(count: 6, shape: [6], strides: [1])
        attributes.raw("}b.")
        #expect(Self.code(attributes).0 == .unsupported)
    }

    @Test(arguments: [
        ([7], [1], 0), ([2, 3], [3, 2], 0), ([6], [1], 1), ([-1], [1], 0), ([2], [-1], 5), ([2, 3], [3], 0), ([1 << 62, 4], [0, 0], 0), ([1 << 32, 1 << 32], [0, 0], 0),
        ([2], [Int.max], 1), ([1 << 27], [0], 0), ([1], [1], -1), ([1], [1], 6), ([2], [1], Int.max),
    ] as [([Int], [Int], Int)])
    func refusesTensorsThatDoNotFit(shape: [Int], strides: [Int], offset: Int) {
        let (code, message) = Self.code(.ofTensor(count: 6, offset: offset, shape: shape, strides: strides))
        #expect(code == .malformed, "\(message)")
    }

    @Test func refusesStoragesThatAreNotThere() {
        #expect(Self.code(.ofTensor(count: 6, shape: [6], strides: [1]), [:]).0 == .malformed)
        #expect(Self.code(.ofTensor(count: 7, shape: [7], strides: [1])).0 == .malformed)
        #expect(Self.code(.ofTensor(count: 1 << 50, shape: [6], strides: [1])).0 == .malformed)
        #expect(Self.code(.ofTensor(type: "DoubleStorage", count: 6, shape: [6], strides: [1])).0 == .malformed)
    }

    /// A few hundred bytes that would be 10^30 tensors.
    @Test(.timeLimit(.minutes(1))) func refusesWhatWouldBeWalkedForEver() {
        var pickle = Pickle()
        pickle.tensor(count: 6, shape: [6], strides: [1])
        for _ in 0 ..< 30 {
            pickle.raw([UInt8(ascii: "q"), 0, UInt8(ascii: "0"), UInt8(ascii: "]"), UInt8(ascii: "(")])
            for _ in 0 ..< 10 { pickle.raw([UInt8(ascii: "h"), 0]) }
            pickle.raw("e")
        }
        pickle.raw(".")
        #expect(Self.code(pickle).0 == .malformed)
        // A list in itself.
        var own = Pickle()
        own.raw([UInt8(ascii: "]"), UInt8(ascii: "q"), 0, UInt8(ascii: "h"), 0, UInt8(ascii: "a"), UInt8(ascii: ".")])
        #expect(Self.code(own).0 == .malformed)
        var deep = Pickle()
        deep.raw([UInt8](repeating: UInt8(ascii: "("), count: 1_000_000))
        #expect(Self.code(deep).0 == .malformed)
        var tall = Pickle()
        tall.raw([UInt8](repeating: UInt8(ascii: "N"), count: 2_000_000))
        #expect(Self.code(tall).0 == .malformed)
    }

    @Test func refusesBrokenPickles() {
        for text in ["", ".", "q\u{0}.", "h\u{1}.", "t.", "a.", "]a.", "}s.", "NN.", "(N.", "e.", "R.", "Q.", "b.", "X\u{7F}\u{7F}\u{7F}\u{7F}", "ctorch", "J\u{1}"] {
            var pickle = Pickle()
            pickle.raw(text)
            let (code, message) = Self.code(pickle)
            #expect(code == .malformed || code == .unsupported, "\(text): \(message)")
        }
        #expect(Self.code(Pickle(protocol: 0)).0 == .malformed)
    }

    @Test func refusesOtherFiles() throws {
        let whole = ZipFile(pickle: .ofTensor(count: 6, shape: [6], strides: [1]), storages: ["0": Self.six]).bytes
        for count in 0 ..< whole.count { #expect(throws: CheckpointError.self, "\(count) bytes") { try TorchArchive(bytes: Array(whole.prefix(count)), name: "cut") } }
        #expect(throws: CheckpointError.self) { try Self.open(.ofTensor(count: 6, shape: [6], strides: [1])) { $0.method = 8 } }
        #expect(throws: CheckpointError.self) { try Self.open(.ofTensor(count: 6, shape: [6], strides: [1])) { $0.flags = 1 } }
        #expect(throws: CheckpointError.self) { try Self.open(.ofTensor(count: 6, shape: [6], strides: [1])) { $0.add("archive/version", []) } }
        var other = ZipFile()
        other.add("readme.txt", [])
        #expect(throws: CheckpointError.self) { try TorchArchive(bytes: other.bytes, name: "other.zip") }
        let legacy = #expect(throws: CheckpointError.self) { try TorchArchive(bytes: [0x80, 2, 0x8A, 10, 0x6C, 0xFC], name: "old.pth") }
        #expect(legacy?.code == .unsupported && legacy?.message.contains("torch.save") == true)
    }

    /// Whatever byte is another one: an answer, and no crash.
    @Test func noByteCrashesTheReader() {
        let whole = ZipFile(pickle: .ofTensor(count: 6, offset: 1, shape: [2, 2], strides: [2, 1]), storages: ["0": Self.six]).bytes
        for index in whole.indices {
            for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = whole
                changed[index] = value
                if let archive = try? TorchArchive(bytes: changed, name: "changed") { for name in archive.names { _ = try? archive.tensor(name).floats() } }
            }
        }
    }
}
