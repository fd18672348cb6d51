import Checkpoints
import Foundation
import MusicLanguageModel
import TensorKernels
import Testing

/// A checkpoint of any sizes with its reference, as `mvfleet model verify` would be given it: MVFLEET_MODEL_DIRECTORY names another one than the shared tiny one.
@Suite(.enabled(if: TinyDirectory.isThere, "shared/data/model/tiny_a is not there")) struct WholeCheckpointTests {
    private let directory: ModelDirectory
    private let reference: ReferenceTensors

    init() throws {
        directory = try ModelDirectory(path: ProcessInfo.processInfo.environment["MVFLEET_MODEL_DIRECTORY"] ?? TinyDirectory.path)
        reference = try ReferenceTensors(directory)
    }

    @Test func answersAsTheReferenceFromTheDirectoryAlone() throws {
        let tensors = try directory.loadLanguageModelTensors()
        let rows = TokenEmbeddings(tensors), music = try reference.tensors.tensor("proj.seq").floats()
        for adapters in [AdapterUse.merged, .applied] {
            let pass = LlamaPass(try LlamaModel(tensors, format: .float32, adapters: adapters))
            for set in reference.inputSets {
                let values = try set.segments.flatMap { segment -> [Float] in
                    switch segment {
                    case .audio: music
                    case .tokens(let tokens): try tokens.flatMap(rows.row)
                    }
                }
                let prompt = PromptEmbeddings(hidden: tensors.configuration.hidden, values: values)
                #expect(try pass.greedyAnswer(to: prompt, count: set.greedy.count, end: 2) == set.greedy, "\(set.name), \(adapters)")
                if adapters == .applied { #expect(try pass.greedyAnswer(to: prompt, count: set.greedyWithoutAdapter.count, end: 2, usesAdapters: false) == set.greedyWithoutAdapter, "\(set.name), without") }
            }
        }
    }

    @Test func cutsAndJoinsTextAsTheReference() throws {
        let tokenizer = try directory.loadTokenizer()
        for test in reference.tokenizerCases { #expect(tokenizer.encode(test.text) == test.tokens, "\(test.text)") }
        for set in reference.inputSets { #expect(tokenizer.decode(set.greedy) == set.text, "\(set.name)") }
    }
}
