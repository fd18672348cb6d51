import MusicLanguageModel
import Testing

struct StopScannerTests {
    private static func scan(_ pieces: [String], stops: [String] = ["\n###"]) -> (passed: [String], isStopped: Bool) {
        var scanner = StopScanner(stops: stops)
        var passed = pieces.map { scanner.append($0) }
        passed.append(scanner.finish())
        return (passed, scanner.isStopped)
    }

    @Test func endsBeforeTheStopWhereverPiecesEnd() {
        let text = "one #\n## two\r\n###three"
        let bytes = Array(text.unicodeScalars)
        for width in 1 ... bytes.count {
            let pieces = stride(from: 0, to: bytes.count, by: width).map { start in String(String.UnicodeScalarView(bytes[start ..< min(start + width, bytes.count)])) }
            let (passed, isStopped) = Self.scan(pieces)
            #expect(passed.joined().unicodeScalars.elementsEqual("one #\n## two\r".unicodeScalars))
            #expect(isStopped)
        }
    }

    @Test func holdsBackNoMoreThanABeginning() {
        #expect(Self.scan(["a\n", "b", "\n##", "x", "\n#"]).passed == ["a", "\nb", "", "\n##x", "", "\n#"])
    }

    @Test func takesTheFirstOfSeveral() {
        #expect(Self.scan(["abcdef"], stops: ["ef", "cd", "x"]).passed == ["ab", ""])
        #expect(Self.scan(["aab"], stops: ["ab"]).passed == ["a", ""])
        #expect(Self.scan(["aa", "ab"], stops: ["aab"]).passed == ["", "a", ""])
        #expect(Self.scan(["text"], stops: []).passed == ["text", ""])
    }
}
