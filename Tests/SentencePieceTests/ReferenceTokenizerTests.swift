import Foundation
import SentencePiece
import Testing

@Suite(.enabled(if: TinyCheckpoint.isThere, "shared/data/model/tiny_a is not there")) struct ReferenceTokenizerTests {
    private struct Reference: Decodable {
        struct Case: Decodable {
            var text: String
            var sp: [Int32]
            var sp_decode: String
        }

        var tokenizer: [Case]
    }

    /// Cases of the reference implementation, as it cut and joined them (shared/data/model/README.md).
    @Test func equalsTheReferenceImplementation() throws {
        let tokenizer = try SentencePieceTokenizer(path: TinyCheckpoint.path + "/llama/tokenizer.model")
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: URL(fileURLWithPath: TinyCheckpoint.path + "/ref/ref.json")))
        #expect(reference.tokenizer.count > 20)
        for test in reference.tokenizer {
            #expect(tokenizer.encode(test.text) == test.sp, "\(test.text)")
            #expect(Array(tokenizer.decode(test.sp).utf8) == Array(test.sp_decode.utf8), "\(test.text)")
        }
    }
}
