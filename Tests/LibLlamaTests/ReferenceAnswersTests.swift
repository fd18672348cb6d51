import Checkpoints
import Foundation
import GGUF
import LibLlama
import MusicLanguageModel
import TensorKernels
import Testing

/// Checkpoints with reference answers: those beside the repository, and those that MVFLEET_TEST_MODELS names (separated by colons).
enum ReferenceModels {
    static let paths: [String] = {
        let environment = ProcessInfo.processInfo.environment
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = environment["MVFLEET_SHARED_DATA"].map { URL(fileURLWithPath: $0) } ?? root.appendingPathComponent("../shared/data")
        let named = environment["MVFLEET_TEST_MODELS"]?.split(separator: ":").map(String.init) ?? []
        return ([data.appendingPathComponent("model/tiny_a").standardizedFileURL.path] + named).filter { FileManager.default.fileExists(atPath: $0 + "/ref/ref.json") }
    }()
}

@Suite(.enabled(if: TestedLibrary.isThere, "llama.cpp's library is not installed; set MVFLEET_TEST_LIBLLAMA to it, or run scripts/check-libllama"),
       .enabled(if: !ReferenceModels.paths.isEmpty, "shared/data/model/tiny_a is not there; set MVFLEET_SHARED_DATA"))
struct ReferenceAnswersTests {
    /// The tokens that `transformers` and `peft` give, from the checkpoint's directory, on llama.cpp.
    @Test(arguments: ReferenceModels.paths)
    func answersEveryInputSetAsTheReference(path: String) async throws {
        let directory = try ModelDirectory(path: path), reference = try ReferenceTensors(directory), tensors = try directory.loadLanguageModelTensors(), tokenizer = try directory.loadTokenizer()
        let music = try reference.tensors.tensor("proj.seq").floats(), rows = TokenEmbeddings(tensors)
        try await Self.withBackend(tensors, tokenizer) { backend in
            for set in reference.inputSets {
                let values = try set.segments.flatMap { segment -> [Float] in
                    switch segment {
                    case .audio: music
                    case .tokens(let tokens): try tokens.flatMap(rows.row)
                    }
                }
                let prompt = PromptEmbeddings(hidden: tensors.configuration.hidden, values: values)
                #expect(prompt.tokenCount == set.promptTokens)
                async let with = backend.answer(GenerationRequest(prompt: prompt, maximumTokens: set.greedy.count, stop: []))
                async let without = backend.answer(GenerationRequest(prompt: prompt, maximumTokens: set.greedyWithoutAdapter.count, stop: [], usesAdapters: false))
                let answers = try await (with.tokens, without.tokens)
                #expect(answers.0 == set.greedy, "\(set.name) with adapters")
                #expect(answers.1 == set.greedyWithoutAdapter, "\(set.name) without adapters")
            }
        }
    }

    private static func withBackend(_ tensors: LanguageModelTensors, _ tokenizer: Tokenizer, _ body: (LibLlamaBackend) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-libllama-\(UInt64.random(in: 0 ... .max))").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let cache = LlamaFileCache(directory: directory + "/cache"), library = try TestedLibrary.loaded.get()
        func open() throws -> LibLlamaBackend {
            try LibLlamaBackend(library, tensors: tensors, tokenizer: tokenizer, weights: .float32, adapters: .applied, identity: "reference", cache: cache, options: LibLlamaOptions(slots: 2))
        }
        try await open().shutdown()
        let files = try FileManager.default.contentsOfDirectory(atPath: cache.directory).sorted()
        #expect(files == ["reference-v1-f32.gguf", "reference-v1-lora.gguf"])
        // The second start finds them.
        let times = try files.map { try FileManager.default.attributesOfItem(atPath: cache.directory + "/" + $0)[.modificationDate] as? Date }
        let backend = try open()
        #expect(try files.map { try FileManager.default.attributesOfItem(atPath: cache.directory + "/" + $0)[.modificationDate] as? Date } == times)
        try await body(backend)
        await backend.shutdown()
    }
}
