import Checkpoints
import MusicLanguageModel
import TensorKernels
import Testing

/// The reference of `transformers` and `peft` for the tiny checkpoint; tolerances of its README: logits 2e-3 of the largest, greedy tokens equal.
@Suite(.enabled(if: TinyCheckpoint.isPresent, "the shared data are not beside the package; set MVFLEET_SHARED_DATA"))
struct TinyLlamaTests {
    private let tiny: TinyCheckpoint

    init() throws { tiny = try TinyCheckpoint() }

    @Test(arguments: AdapterUse.allCases)
    func answersEveryInputSetAsTheReference(adapters: AdapterUse) throws {
        let pass = LlamaPass(try LlamaModel(tiny, format: .float32, adapters: adapters))
        for (name, set) in tiny.answers.infer.sets {
            let prompt = try tiny.prompt(set.segments)
            #expect(prompt.tokenCount == set.promptTokens)
            if adapters != .none { #expect(try pass.greedyTokens(prompt, count: set.greedy.count) == set.greedy, "\(name) with adapters") }
            if adapters != .merged { #expect(try pass.greedyTokens(prompt, count: 32, usesAdapters: false) == set.greedyWithoutAdapter, "\(name) without adapters") }
        }
    }

    @Test(arguments: [AdapterUse.merged, .applied])
    func statesAndLogitsAreTheReference(adapters: AdapterUse) throws {
        let pass = LlamaPass(try LlamaModel(tiny, format: .float32, adapters: adapters))
        let prompt = try tiny.prompt(try #require(tiny.answers.infer.sets["1+2+3+4"]).segments)
        try expectEqual(prompt.values, "lm.inputs_embeds", tolerance: 1e-4)
        var last: [Float] = [], first: [Float] = []
        let cache = try pass.model.makeCache(capacity: prompt.tokenCount)
        pass.begin(rows: prompt.tokenCount)
        pass.setInput(prompt.values[...], row: 0)
        pass.run([.init(cache: cache, count: prompt.tokenCount, logits: 8)]) { index, states in
            last += states[row: states.rows - 1]
            if index == 1 { first = states.values }
        }
        try expectEqual(last, "lm.hidden_last", tolerance: 2e-3)
        try expectEqual(first, "lm.hidden_layer1_all", tolerance: 2e-3)
        try expectEqual(pass.logits.values, "lm.logits_prefill_last8", tolerance: 2e-3)

        var steps: [Float] = []
        _ = try pass.greedyTokens(prompt, count: 8) { steps += $0 }
        try expectEqual(steps, "lm.step_logits", tolerance: 2e-3)
    }

    private func expectEqual(_ values: [Float], _ name: String, tolerance: Float, location: SourceLocation = #_sourceLocation) throws {
        let reference = try tiny.reference.tensor(name).floats()
        try #require(values.count == reference.count, "\(name)", sourceLocation: location)
        let largest = reference.reduce(0) { max($0, abs($1)) }
        let difference = zip(values, reference).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(difference <= tolerance * largest, "\(name) differs by \(difference / largest) of its largest number", sourceLocation: location)
    }
}

extension LlamaPass {
    /// Prefill in parts, then token by token.
    func greedyTokens(_ prompt: PromptEmbeddings, count: Int, part: Int = 64, usesAdapters: Bool = true, observe: ([Float]) -> Void = { _ in }) throws -> [Int32] {
        let cache = try model.makeCache(capacity: prompt.tokenCount + count)
        for start in stride(from: 0, to: prompt.tokenCount, by: part) {
            let end = min(start + part, prompt.tokenCount)
            begin(rows: end - start)
            setInput(prompt.values[start * prompt.hidden ..< end * prompt.hidden], row: 0)
            run([.init(cache: cache, count: end - start, logits: end == prompt.tokenCount ? 1 : 0, usesAdapters: usesAdapters)])
        }
        var tokens: [Int32] = []
        while true {
            observe(logits[row: 0])
            tokens.append(Int32(logits.largestColumn(row: 0)))
            if tokens.last == 2 || tokens.count == count { return tokens }
            begin(rows: 1)
            setInput(try model.embeddings.row(tokens[tokens.count - 1])[...], row: 0)
            run([.init(cache: cache, count: 1, logits: 1, usesAdapters: usesAdapters)])
        }
    }
}
