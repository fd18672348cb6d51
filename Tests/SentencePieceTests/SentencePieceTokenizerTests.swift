import SentencePiece
import Testing

@Suite struct SentencePieceTokenizerTests {
    /// a b c ▁ with the merges ab (best), bc, ▁a, abc.
    private static func given(bytes: Bool = false, _ change: (inout ModelFile) -> Void = { _ in }) throws -> SentencePieceTokenizer {
        var file = ModelFile(bytes: bytes)
        for (text, score) in [("▁a", -4), ("ab", -1), ("bc", -2), ("abc", -3), ("▁", -9), ("a", -10), ("b", -11), ("c", -12)] { file.add(text, Float(score)) }
        change(&file)
        return try SentencePieceTokenizer(bytes: file.bytes, name: "made")
    }

    private static func pieces(_ tokenizer: SentencePieceTokenizer, _ text: String) -> [String] { tokenizer.encode(text).map { tokenizer.piece($0) ?? "?" } }

    @Test func joinsTheBestPairFirstAndTheLeftmostOfEquals() throws {
        let tokenizer = try Self.given()
        #expect(Self.pieces(tokenizer, "abc") == ["▁", "abc"])
        #expect(Self.pieces(tokenizer, "bcab") == ["▁", "bc", "ab"])
        #expect(Self.pieces(tokenizer, "ac") == ["▁a", "c"])
        let equal = try SentencePieceTokenizer(bytes: {
            var file = ModelFile()
            for text in ["▁", "x", "xx"] { file.add(text, -1) }
            return file.bytes
        }(), name: "made")
        #expect(Self.pieces(equal, "xxx") == ["▁", "xx", "x"])
    }

    @Test func aTextWithoutLettersHasItsSpaces() throws {
        let tokenizer = try Self.given()
        #expect(tokenizer.encode("") == [])
        #expect(Self.pieces(tokenizer, " ") == ["▁", "▁"])
        #expect(tokenizer.encode("a", addsDummyPrefix: false) == [tokenizer.id("a")])
    }

    @Test func unknownCharactersBecomeBytesOrOneUnknownPiece() throws {
        let plain = try Self.given(), bytes = try Self.given(bytes: true)
        #expect(plain.encode("a日本b") == [plain.id("▁a"), plain.unknown, plain.id("b")])
        #expect(plain.decode(plain.encode("a日b")) == "a ⁇ b")
        #expect(Self.pieces(bytes, "a日") == ["▁a", "<0xE6>", "<0x97>", "<0xA5>"])
        #expect(bytes.decode(bytes.encode("a日")) == "a日")
    }

    @Test func lettersThatLookTheSameAreDifferentPieces() throws {
        let tokenizer = try Self.given {
            $0.add("\u{E9}", -1)
            $0.add("e\u{301}", -2)
            $0.add("e", -3)
            $0.add("\u{301}", -3)
        }
        #expect(tokenizer.encode("\u{E9}") != tokenizer.encode("e\u{301}"))
        #expect(tokenizer.decode([tokenizer.id("▁a"), tokenizer.id("▁"), tokenizer.id("\u{301}")]).unicodeScalars.elementsEqual("a \u{301}".unicodeScalars))
    }

    @Test func piecesOfTheUsersOwnAreNeverCut() throws {
        let tokenizer = try Self.given { $0.add("bca", 0, .userDefined) }
        #expect(Self.pieces(tokenizer, "abcab") == ["▁a", "bca", "b"])
    }

    @Test func unusedPiecesAreTakenApartAgain() throws {
        let tokenizer = try Self.given { $0.add("abcab", 0, .unused) }
        #expect(Self.pieces(tokenizer, "abcab") == ["▁", "abc", "ab"])
    }

    @Test func extraSpacesAreRemovedWhereTheModelSaysSo() throws {
        let tokenizer = try Self.given { $0.normalizer = [3 << 3, 1, 4 << 3, 1] }
        #expect(Self.pieces(tokenizer, "  a   b ") == ["▁a", "▁", "b"])
        #expect(tokenizer.encode("   ") == [])
    }

    @Test func bytesThatMakeNoCharacterAreReplacedOneByOne() throws {
        let tokenizer = try Self.given(bytes: true)
        func byte(_ value: String) -> Int32 { tokenizer.id("<0x\(value)>") }
        #expect(tokenizer.decode([byte("E6"), byte("97")]) == "\u{FFFD}\u{FFFD}")
        #expect(tokenizer.decode([byte("E6"), tokenizer.id("a"), byte("97")]) == "\u{FFFD}a\u{FFFD}")
        #expect(tokenizer.decode([byte("ED"), byte("A0"), byte("80")]) == "\u{FFFD}\u{FFFD}\u{FFFD}")
        #expect(tokenizer.decode([byte("F0"), byte("9F"), byte("8E"), byte("B5")]) == "🎵")
        #expect(tokenizer.decode([-1, 99_999, 1, 2]) == "")
    }

    @Test func whatIsGivenOutPieceByPieceIsTheTextOfAll() throws {
        let tokenizer = try Self.given(bytes: true)
        var random = SystemRandomNumberGenerator()
        for _ in 0 ..< 500 {
            let ids = (0 ..< 12).map { _ in Int32.random(in: 0 ..< Int32(tokenizer.vocabularySize), using: &random) }
            var decoder = PieceDecoder(tokenizer)
            #expect(ids.map { decoder.append($0) }.joined() + decoder.finish() == tokenizer.decode(ids), "\(ids)")
        }
    }

    @Test func tellsWhereATextBeginsAndEnds() throws {
        let tokenizer = try Self.given()
        #expect(tokenizer.beginning == 1 && tokenizer.end == 2 && tokenizer.unknown == 0)
        #expect(tokenizer.isControl(1) && !tokenizer.isControl(0) && !tokenizer.isControl(500))
    }
}
