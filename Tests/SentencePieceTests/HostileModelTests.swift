import SentencePiece
import Testing

/// Model files come from anywhere: whatever is in them, they are read, or refused.
@Suite struct HostileModelTests {
    private static func code(_ bytes: [UInt8]) -> SentencePieceError.Code? {
        do throws(SentencePieceError) {
            _ = try SentencePieceTokenizer(bytes: bytes, name: "hostile")
            return nil
        } catch { return error.code }
    }

    private static func file(_ change: (inout ModelFile) -> Void) -> [UInt8] {
        var file = ModelFile(bytes: true)
        file.add("▁", -1)
        change(&file)
        return file.bytes
    }

    @Test func whatIsNoModelIsRefused() {
        for bytes in [[], [0], [0xFF, 0xFF, 0xFF], Array("version https://git-lfs.github.com/spec/v1\n".utf8), [10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [UInt8](repeating: 0x80, count: 64)] as [[UInt8]] {
            #expect(Self.code(bytes) == .malformed, "\(bytes.prefix(8))")
        }
        #expect(throws: SentencePieceError.self) { try SentencePieceTokenizer(path: "/nowhere/tokenizer.model") }
        #expect(throws: SentencePieceError.self) { try SentencePieceTokenizer(path: "/tmp") }
    }

    @Test func piecesThatCannotBeAreRefused() {
        #expect(Self.code(Self.file { $0.add("", -1) }) == .malformed)
        #expect(Self.code(Self.file { $0.add("▁", -1) }) == .malformed)
        #expect(Self.code(Self.file { $0.add("x", .nan) }) == .malformed)
        #expect(Self.code(Self.file { $0.add("second", 0, .unknown) }) == .malformed)
        #expect(Self.code(Self.file { $0.add("<0xZZ>", 0, .byte) }) == .malformed)
        #expect(Self.code(ModelFile.field(1, ModelFile.field(1, [0xFF, 0xFE]))) == .malformed)
        var withoutBytes = ModelFile()
        withoutBytes.trainer += ModelFile.varint(35 << 3) + [1]
        #expect(Self.code(withoutBytes.bytes) == .malformed)
    }

    @Test func otherKindsOfModelsAreNamed() {
        #expect(Self.code(Self.file { $0.trainer = ModelFile.varint(35 << 3) + [1] }) == .unsupported)
        #expect(Self.code(Self.file { $0.normalizer += ModelFile.field(2, [1, 2, 3]) }) == .unsupported)
        #expect(Self.code(Self.file { $0.trainer += ModelFile.varint(24 << 3) + [1] }) == .unsupported)
    }

    /// Every byte in turn is another one, and every length is tried: no crash is the result.
    @Test func noByteCrashesTheReader() {
        let bytes = Self.file { $0.add("ab", -2, .userDefined) }
        for index in bytes.indices {
            for value in [0x80, bytes[index] &+ 1] as [UInt8] {
                var changed = bytes
                changed[index] = value
                if let tokenizer = try? SentencePieceTokenizer(bytes: changed, name: "hostile") { _ = tokenizer.decode(tokenizer.encode("ab  日本 <s>\n")) }
            }
            if index % 7 == 0 { _ = Self.code(Array(bytes.prefix(index))) }
        }
    }
}
