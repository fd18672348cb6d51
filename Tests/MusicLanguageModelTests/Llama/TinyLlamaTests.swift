import Checkpoints
import Media
import MusicLanguageModel
import TensorKernels
import Testing

/// The reference of `transformers` and `peft` for the tiny checkpoint; tolerances of its README: logits 2e-3 of the largest, greedy tokens equal.
@Suite(.enabled(if: TinyCheckpoint.isThere, "the shared data are not beside the package; set MVFLEET_SHARED_DATA"))
struct TinyLlamaTests {
    private let directory: ModelDirectory
    private let reference: ReferenceTensors

    init() throws {
        directory = try ModelDirectory(path: TinyCheckpoint.path)
        reference = try ReferenceTensors(directory)
    }

    @Test(arguments: AdapterUse.allCases)
    func everyStageIsTheReference(adapters: AdapterUse) throws {
        let verification = LanguageModelVerification(reference), tokenizer = try directory.loadTokenizer()
        let model = try LlamaModel(try directory.loadLanguageModelTensors(), format: .float32, adapters: adapters)
        let stages = verification.stages(of: tokenizer) + verification.stages(of: model, tokenizer: tokenizer)
        for stage in stages where !(adapters == .none && (stage.stage.hasPrefix("lm.") || stage.stage == "greedy.pooled")) {
            #expect(stage.passed, "\(stage.stage) differs by \(stage.greatestDifference ?? .nan): \(stage.remark ?? "")")
        }
        let greedy = stages.filter { $0.stage.hasPrefix("greedy.") && $0.stage != "greedy.pooled" }
        #expect(greedy.count == (adapters == .applied ? 18 : 9))
        #expect(stages.filter { $0.stage.hasPrefix("prompt.") }.count == 18)
        // The comparison itself: without adapters these are other numbers.
        if adapters == .none { #expect(stages.contains { $0.stage == "lm.step_logits" && !$0.passed }) }
    }

    @Test func theWholeDirectoryIsVerified() throws {
        let verification = try ModelVerification(directory)
        let recordings = try verification.recordings.map { name, path in
            let clip = try AudioDecoder().decode(path: #require(path))
            return AudioVerification.Recording(name: name, channels: clip.channels, sampleRate: clip.sampleRate)
        }
        let stages = verification.stages(recordings: recordings)
        #expect(stages.filter { !$0.passed }.isEmpty)
        #expect(stages.count > 80)
        #expect(verification.stages(recordings: []).contains { !$0.passed })
    }

    @Test func answersAreTheReferencesTexts() async throws {
        let tokenizer = try directory.loadTokenizer(), model = try LlamaModel(try directory.loadLanguageModelTensors(), format: .float32)
        let backend = try NativeBackend(model: model, tokenizer: tokenizer)
        let music = try reference.tensors.tensor("proj.seq").floats(), hidden = model.configuration.hidden
        let clips = stride(from: 0, to: music.count, by: hidden).map { Array(music[$0 ..< $0 + hidden]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for set in reference.inputSets {
                let switches = try #require(InputSwitches(set.name)), row = reference.row
                let prompt = try PromptEmbeddings(PromptTemplate.deepResonance.segments(row.input(switches)), tokenizer: tokenizer, rows: model.embeddings, music: clips)
                group.addTask {
                    let answer = try await backend.answer(GenerationRequest(prompt: prompt, maximumTokens: set.greedy.count, stop: []))
                    #expect(answer.tokens == set.greedy, "\(set.name)")
                    #expect(answer.text == set.text, "\(set.name)")
                }
            }
            try await group.waitForAll()
        }
    }
}
