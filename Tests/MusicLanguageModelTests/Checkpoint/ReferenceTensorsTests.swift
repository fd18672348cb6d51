import Checkpoints
import Foundation
import MusicLanguageModel
import Testing

@Suite(.enabled(if: TinyDirectory.isThere, "shared/data/model/tiny_a is not there")) struct ReferenceTensorsTests {
    @Test func readsWhatTheReferenceComputed() throws {
        let reference = try ReferenceTensors(ModelDirectory(path: TinyDirectory.path))
        #expect(reference.inputSets.map(\.name) == ["1+2+3+4", "1+2+3", "1+2+4", "1+3+4", "2+3+4", "1+3", "1+4", "2+3", "none"])
        let first = try #require(reference.inputSets.first)
        let rows = first.segments.reduce(0) { sum, segment in if case .tokens(let tokens) = segment { sum + tokens.count } else { sum + 3 } }
        #expect(rows == first.promptTokens && first.greedy.count <= 96 && first.segments.contains(.audio))
        #expect(reference.tensors.names.contains("lm.inputs_embeds") && reference.promptEmbedsFile != nil)
        #expect(reference.recordings.keys.sorted() == ["clip_44k_stereo", "overlap_22k_mono", "tiny_16k_mono"])
        #expect(reference.tokenizerCases.count == 28 && reference.promptCases.count == 9 && reference.pooledGreedy?.count == 32)
        let prompt = try #require(reference.promptCases.first { $0.template == "nextgpt_legacy" && $0.inputs == "1+2+3+4" })
        #expect(prompt.parts.prefix(3).map(\.segment) == [.beginning, .text("### Human: <Img>"), .audio])
    }

    /// The tokenizer makes of each text the tokens that the reference's prompts have.
    @Test func promptsAreCutAsInTheReference() throws {
        let directory = try ModelDirectory(path: TinyDirectory.path)
        let tokenizer = try directory.loadTokenizer()
        for test in try ReferenceTensors(directory).promptCases {
            for case .text(let text) in test.parts.map(\.segment) {
                #expect(tokenizer.encode(text) == test.parts.first { $0.segment == .text(text) }?.tokens, "\(test.template) \(test.inputs)")
            }
        }
    }

    @Test func aCheckpointWithoutReferenceSaysSo() throws {
        let directory = try ModelDirectory(path: TinyDirectory.path + "/llama")
        #expect(directory.languageModel == TinyDirectory.path + "/llama")
        let error = #expect(throws: ModelError.self) { try ReferenceTensors(directory) }
        #expect(error?.message.contains("ref/ref.json") == true)
    }
}
