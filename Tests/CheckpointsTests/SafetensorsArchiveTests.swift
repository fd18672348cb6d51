import Checkpoints
import Testing

@Suite struct SafetensorsArchiveTests {
    static func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] { ZipFile.number(header.utf8.count, 8) + Array(header.utf8) + data }

    private static func refusal(_ bytes: [UInt8]) -> CheckpointError? {
        do throws(CheckpointError) {
            _ = try SafetensorsArchive(bytes: bytes, name: "made.safetensors")
            return nil
        } catch { return error }
    }

    @Test func readsAllFloatingPointTypes() throws {
        // 1, −2, 0, the least subnormal, 65504, infinity; then −0.15625 in three widths.
        let halves: [UInt16] = [0x3C00, 0xC000, 0, 1, 0x7BFF, 0x7C00]
        let header = #"{"__metadata__":{"format":"pt"},"half":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},"single":{"shape":[1],"dtype":"F32","data_offsets":[12,16]},"#
            + #""brain":{"dtype":"BF16","shape":[],"data_offsets":[16,18]},"double":{"dtype":"F64","shape":[1,1],"data_offsets":[18,26],"more":{"a":[1,{}]}}} "#
        let data = halves.flatMap { ZipFile.number(Int($0), 2) } + [0, 0, 0x20, 0xBE] + [0x20, 0xBE] + ZipFile.number(Int(bitPattern: UInt((-0.15625).bitPattern)), 8)
        let archive = try SafetensorsArchive(bytes: Self.file(header, data), name: "made")
        #expect(archive.names == ["brain", "double", "half", "single"] && archive.metadata == ["format": "pt"])
        #expect(try archive.tensor("half").floats() == [1, -2, 0, 5.9604645e-8, 65504, .infinity])
        #expect(try archive.tensor("half").floats(shape: [2, 3]).count == 6)
        for name in ["single", "brain", "double"] { #expect(try archive.tensor(name).floats() == [-0.15625]) }
        #expect(throws: CheckpointError.self) { try archive.tensor("half").floats(shape: [3, 2]) }
        let missing = #expect(throws: CheckpointError.self) { try archive.tensor("nowhere") }
        #expect(missing?.code == .tensorMissing && missing?.message.contains("brain") == true)
    }

    @Test(arguments: ["F8_E4M3", "I64", "BOOL", "C64", "F8_E5M2"]) func otherTypesAreListedAndNotRead(type: String) throws {
        let bytes = ["I64": 8, "C64": 8][type] ?? 1
        let archive = try SafetensorsArchive(bytes: Self.file(#"{"w":{"dtype":"\#(type)","shape":[2],"data_offsets":[0,\#(2 * bytes)]}}"#, [UInt8](repeating: 0, count: 2 * bytes)), name: "made")
        let tensor = try archive.tensor("w")
        #expect(tensor.elementType.rawValue == type && tensor.byteCount == 2 * bytes)
        let error = #expect(throws: CheckpointError.self) { try tensor.floats() }
        #expect(error?.code == .unsupported && error?.message.contains(type) == true)
    }

    @Test func escapesInNamesAreRead() throws {
        let archive = try SafetensorsArchive(bytes: Self.file(#"{"a\n\"\u00e9\ud83c\udfb5":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#), name: "made")
        #expect(archive.names == ["a\n\"é🎵"])
    }

    private static let four = [UInt8](repeating: 0, count: 4)

    @Test(arguments: [
        ([], "8 for its header"), ([1, 0, 0, 0, 0, 0, 0, 0], "cut off"), ([255, 255, 255, 255, 255, 255, 255, 255], "larger"), (file("[]"), "no JSON"), (file("{"), "missing"), (file("{}x"), "follows"),
        (file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, four), "cut off"),
        (file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, four + four), "neither overlap nor leave holes"),
        (file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, four), "neither overlap"),
        (file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, four + [0]), "cut off or damaged"),
        (file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, four + four), "twice"),
        (file(#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, four), "whole number"),
        (file(#"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#, four), "missing"),
        (file(#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#), "impossible shape"),
        (file(#"{"a":{"dtype":"F32","shape":[0,4611686018427387904],"data_offsets":[0,0]}}"#), "impossible shape"),
        (file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, four), "ascending"),
        (file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,99999999999999999999]}}"#, four), "too large"),
        (file(#"{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}"#, four), "unknown type"),
        (file(#"{"a":{"dtype":"F4","shape":[1],"data_offsets":[0,1]}}"#, [0]), "does not have"),
        (file(#"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, four), "needs dtype"),
        (file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":\#(String(repeating: "[", count: 1_000))}}"#, four), "missing"),
        (file(#"{"__metadata__":{"a":1}}"#), "missing"),
    ] as [([UInt8], String)])
    func refusesWhatDoesNotFit(bytes: [UInt8], reason: String) {
        let error = Self.refusal(bytes)
        #expect(error?.code == .malformed && error?.message.contains(reason) == true, "\(error?.message ?? "it was read")")
    }

    @Test func noByteCrashesTheReader() {
        let whole = Self.file(#"{"__metadata__":{"k":"v\u00e9"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, Self.four)
        for index in whole.indices {
            for value in 0 ... 255 as ClosedRange<UInt8> {
                var changed = whole
                changed[index] = value
                if let archive = try? SafetensorsArchive(bytes: changed, name: "changed") { for name in archive.names { _ = try? archive.tensor(name).floats() } }
            }
        }
    }
}
