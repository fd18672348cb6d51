import Foundation
import MusicLanguageModel
import Testing

@Suite(.enabled(if: TinyDirectory.isThere, "shared/data/model/tiny_a is not there")) struct TokenizerTests {
    private struct Reference: Decodable {
        struct Case: Decodable {
            var text: String
            var slow_legacy: [Int32]
        }

        struct Generated: Decodable {
            var greedy_lora: [Int32]
            var text: String
        }

        struct Inference: Decodable {
            var sets: [String: Generated]
        }

        var tokenizer: [Case]
        var infer: Inference
    }

    private static func reference() throws -> Reference {
        try JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(fileURLWithPath: TinyDirectory.path + "/ref/ref.json")))
    }

    private static func tokenizer(_ isLegacy: Bool? = nil) throws -> Tokenizer { try Tokenizer(directory: TinyDirectory.path + "/llama", isLegacy: isLegacy) }

    @Test func cutsTextAsTransformers() throws {
        let tokenizer = try Self.tokenizer()
        #expect(tokenizer.vocabularySize == 706 && tokenizer.beginning == 1 && tokenizer.end == 2)
        #expect(tokenizer.isLegacy && tokenizer.id(of: "<Aud>") == 704 && tokenizer.id(of: "no such token") == nil)
        for test in try Self.reference().tokenizer { #expect(tokenizer.encode(test.text) == test.slow_legacy, "\(test.text)") }
    }

    @Test func givesTheAnswersText() throws {
        let tokenizer = try Self.tokenizer()
        for (name, set) in try Self.reference().infer.sets {
            #expect(tokenizer.decode(set.greedy_lora) == set.text, "\(name)")
            var decoder = TokenDecoder(tokenizer)
            #expect(set.greedy_lora.map { decoder.append($0) }.joined() + decoder.finish() == set.text, "\(name)")
        }
    }

    @Test func whatIsGivenOutTokenByTokenIsNeverTakenBack() throws {
        let tokenizer = try Self.tokenizer()
        var random = SystemRandomNumberGenerator()
        for _ in 0 ..< 300 {
            let tokens = (0 ..< 16).map { _ in Bool.random(using: &random) ? Int32.random(in: 0 ..< 260, using: &random) : Int32.random(in: 0 ..< 710, using: &random) }
            let whole = tokenizer.decode(tokens)
            var decoder = TokenDecoder(tokenizer)
            var text = ""
            for token in tokens {
                text += decoder.append(token)
                #expect(Array(whole.utf8).starts(with: Array(text.utf8)), "\(tokens)")
            }
        }
    }

    @Test func tokensOutsideOfTheVocabularyHaveNoText() throws {
        #expect(try Self.tokenizer().decode([-1, 706, 99_999, 1, 2, 0]) == "")
    }

    /// transformers itself, on random strings and tokens: MVFLEET_TRANSFORMERS_PYTHON is a Python that has it.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["MVFLEET_TRANSFORMERS_PYTHON"] != nil, "MVFLEET_TRANSFORMERS_PYTHON is not set"), arguments: [true, false])
    func equalsTransformersOnRandomText(isLegacy: Bool) throws {
        struct Case: Decodable {
            var text: String
            var ids: [Int32]
            var tokens: [Int32]
            var decoded: String
        }
        let python = Process()
        let output = Pipe()
        python.executableURL = URL(fileURLWithPath: try #require(ProcessInfo.processInfo.environment["MVFLEET_TRANSFORMERS_PYTHON"]))
        python.arguments = ["-c", Self.program, TinyDirectory.path + "/llama", isLegacy ? "1" : "0"]
        python.standardOutput = output
        try python.run()
        let data = try #require(try output.fileHandleForReading.readToEnd())
        python.waitUntilExit()
        let cases = try JSONDecoder().decode([Case].self, from: data)
        #expect(cases.count == 2_000)
        let tokenizer = try Self.tokenizer(isLegacy)
        let cut = cases.filter { tokenizer.encode($0.text) != $0.ids }
        #expect(cut.isEmpty, "\(cut.count) of \(cases.count) are cut otherwise: \(cut.prefix(3).map { ($0.text, $0.ids, tokenizer.encode($0.text)) })")
        let joined = cases.filter { Array(tokenizer.decode($0.tokens).utf8) != Array($0.decoded.utf8) }
        #expect(joined.isEmpty, "\(joined.count) of \(cases.count) are joined otherwise: \(joined.prefix(3).map { ($0.tokens, $0.decoded, tokenizer.decode($0.tokens)) })")
    }

    private static let program = #"""
    import json, random, sys
    from transformers import LlamaTokenizer
    tok = LlamaTokenizer.from_pretrained(sys.argv[1], legacy=sys.argv[2] == "1")
    r = random.Random(7)
    parts = ["<Img>", "</Img>", "<Aud>", "<s>", "</s>", "<unk>", "<Im", "<0x0A>", " ", "  ", "\n", "\t", "\u2581", "the ", "music", "###", "Human: ", "e\u0301", "\u00e9", "\u65e5\u672c", "\U0001F3B5",
             "\u200d", "a", "b", "ing", "12", ".", "<", ">", "\u0301", "\u00a0", "\u3000", "\u2003x", "rock, indie", "\u0000"]
    out = []
    for _ in range(2000):
        text = "".join(r.choice(parts) if r.random() < 0.8 else chr(r.choice([r.randrange(32, 127), r.randrange(160, 0x2fff), r.randrange(0x10000, 0x1ffff)])) for _ in range(r.randrange(0, 12)))
        tokens = [r.choice([r.randrange(0, 706), r.randrange(3, 259), r.randrange(698, 706), 633, 259, r.randrange(630, 700)]) for _ in range(r.randrange(0, 12))]
        out.append(dict(text=text, ids=tok(text, add_special_tokens=False).input_ids, tokens=tokens, decoded=tok.decode(tokens, skip_special_tokens=True)))
    json.dump(out, sys.stdout)
    """#
}
