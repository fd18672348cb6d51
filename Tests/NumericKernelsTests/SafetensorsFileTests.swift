import NumericKernels
import Testing

@Suite struct SafetensorsFileTests {
    /// A file of one header and the bytes after it.
    private static func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
        let length = UInt64(header.utf8.count)
        return (0 ..< 8).map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) } + Array(header.utf8) + data
    }

    @Test func readsHalfAndSinglePrecision() throws {
        let header = #"{"__metadata__":{"seed":"5"},"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}"#
        // 1, −2, 0, the least subnormal, 65504, infinity; then −0.15625.
        let halves: [UInt16] = [0x3C00, 0xC000, 0, 1, 0x7BFF, 0x7C00]
        let file = try SafetensorsFile(Self.file(header, halves.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } + [0, 0, 0x20, 0xBE]))
        #expect(file.names == ["a", "b"])
        let tensor = try file.tensor("a", shape: [2, 3])
        #expect(tensor.values == [1, -2, 0, 5.9604645e-8, 65504, .infinity])
        #expect(tensor.matrix.rows == 2 && tensor.matrix.columns == 3)
        #expect(try file.tensor("b").values == [-0.15625])
        #expect(throws: SafetensorsFile.FormatError.self) { try file.tensor("a", shape: [3, 2]) }
        #expect(throws: SafetensorsFile.FormatError.self) { try file.tensor("c") }
    }

    @Test(arguments: [
        [], [1, 0, 0, 0, 0, 0, 0, 0], [255, 255, 255, 255, 255, 255, 255, 255], file("[]"), file("{"),
        file(#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, [0, 0, 0, 0]),
        file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, [0, 0, 0, 0]),
        file(#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, [0, 0, 0, 0]),
        file(#"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#),
        file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#, [0, 0, 0, 0]),
        file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775807,-9223372036854775808]}}"#, [0, 0, 0, 0]),
        file(#"{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#, [0, 0, 0, 0, 0, 0, 0, 0]),
    ] as [[UInt8]])
    func refusesWhatDoesNotFit(bytes: [UInt8]) {
        #expect(throws: SafetensorsFile.FormatError.self) { try SafetensorsFile(bytes) }
    }
}
