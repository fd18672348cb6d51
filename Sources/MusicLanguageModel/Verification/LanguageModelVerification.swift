import Checkpoints
import TensorKernels

/// Compares the language model's way, from texts to tokens, with a reference: tokenizer, prompts, embeddings, states, scores and greedy answers.
///
/// The reference's tensors are of input set `1+2+3+4` with one token a clip: `lm.inputs_embeds`, `lm.hidden_layer1_all` (after the first layer), `lm.hidden_last` (of the last
/// token, one row a layer), `lm.logits_prefill_last8`, `lm.step_logits`; and `lm.pooled.first_logits` with the music as one token.
public struct LanguageModelVerification: Sendable {
    private static let embeddings = StageParity.Tolerance.ofMaximum(1e-3)
    private static let scores = StageParity.Tolerance.ofMaximum(2e-3)
    private static let tracedSet = "1+2+3+4"

    private let reference: ReferenceTensors
    private let names: Set<String>

    public init(_ reference: ReferenceTensors) {
        self.reference = reference
        names = Set(reference.tensors.names)
    }

    /// The tokenizer's cases, and the prompts of every template.
    public func stages(of tokenizer: any TextTokenizer) -> [StageParity] {
        let unequal = reference.tokenizerCases.filter { tokenizer.encode($0.text) != $0.tokens }
        var cases = StageParity(stage: "tokenizer.cases", tolerance: .equal, greatestDifference: Double(unequal.count), referenceMaximum: nil, passed: unequal.isEmpty)
        if let first = unequal.first { cases.remark = "\(unequal.count) of \(reference.tokenizerCases.count) texts have other tokens, the first being '\(first.text.prefix(40))'" }
        return [cases] + reference.promptCases.map { stage(of: $0, tokenizer) }
    }

    private func stage(of test: ReferenceTensors.PromptCase, _ tokenizer: any TextTokenizer) -> StageParity {
        let stage = "prompt.\(test.template).\(test.inputs)"
        guard let template = PromptTemplate(rawValue: test.template), let switches = InputSwitches(test.inputs) else {
            return StageParity(stage: stage, tolerance: .equal, failure: "there is no such template or set of inputs")
        }
        let row = reference.promptRow
        let segments = template.segments(row.input(switches), instruction: row.instruction, reserved: tokenizer.reserved)
        guard segments == test.parts.map(\.segment) else { return StageParity(stage: stage, tolerance: .equal, failure: "its parts are other texts than the reference's") }
        return StageParity(stage: stage, of: segments.flatMap { Self.tokens($0, tokenizer) }, equalTo: test.parts.flatMap { $0.tokens.map(Int.init) })
    }

    private static func tokens(_ segment: PromptSegment, _ tokenizer: any TextTokenizer) -> [Int] {
        switch segment {
        case .beginning: tokenizer.beginning.map { [Int($0)] } ?? []
        case .text(let text): tokenizer.encode(text).map(Int.init)
        case .audio: []
        }
    }

    /// Embeddings, states, scores, and the greedy tokens of every set of inputs with adapters and without them.
    ///
    /// - Parameters:
    ///   - model: with its adapters beside the weights, or merged: answers without them are then not compared.
    ///   - music: the music's rows, one a clip, and their one row together; the reference's own where nil.
    public func stages(of model: LlamaModel, tokenizer: any TextTokenizer, music: (clips: [[Float]], pooled: [Float])? = nil) -> [StageParity] {
        do {
            let clips = try music?.clips ?? rows("proj.seq", model), pooled = try music.map { [$0.pooled] } ?? rows("proj.pooled", model)
            let pass = LlamaPass(model)
            return try traced(pass, tokenizer, clips: clips, pooled: pooled) + reference.inputSets.flatMap { try answers(pass, tokenizer, set: $0, clips: clips) }
        } catch {
            return [StageParity(stage: "lm", tolerance: Self.scores, failure: "\(error)")]
        }
    }

    private func rows(_ name: String, _ model: LlamaModel) throws -> [[Float]] {
        let values = try reference.tensors.tensor(name).floats(), hidden = model.configuration.hidden
        return stride(from: 0, to: values.count - values.count % hidden, by: hidden).map { Array(values[$0 ..< $0 + hidden]) }
    }

    private func prompt(_ set: String, _ pass: LlamaPass, _ tokenizer: any TextTokenizer, music: [[Float]]) throws -> PromptEmbeddings {
        guard let switches = InputSwitches(set) else { throw ModelError(code: .request, message: "the reference's set of inputs '\(set)' is none") }
        let row = reference.row
        let segments = PromptTemplate.deepResonance.segments(row.input(switches), instruction: row.instruction, reserved: tokenizer.reserved)
        return try PromptEmbeddings(segments, tokenizer: tokenizer, rows: pass.model.embeddings, music: music)
    }

    private func traced(_ pass: LlamaPass, _ tokenizer: any TextTokenizer, clips: [[Float]], pooled: [[Float]]) throws -> [StageParity] {
        let prompt = try prompt(Self.tracedSet, pass, tokenizer, music: clips), asked = min(8, prompt.tokenCount)
        var last: [Float] = [], first: [Float] = []
        pass.begin(rows: prompt.tokenCount)
        pass.setInput(prompt.values[...], row: 0)
        pass.run([.init(cache: try pass.model.makeCache(capacity: prompt.tokenCount), count: prompt.tokenCount, logits: asked)]) { index, states in
            last += states[row: states.rows - 1]
            if index == 1 { first = states.values }
        }
        let scores = pass.logits.values
        var steps: [Float] = []
        _ = try pass.greedyAnswer(to: prompt, count: 8, end: nil, usesAdapters: true) { steps += $0 }
        var firstPooled: [Float] = []
        let onePrompt = try self.prompt(Self.tracedSet, pass, tokenizer, music: pooled), expected = reference.pooledGreedy
        let pooledTokens = try pass.greedyAnswer(to: onePrompt, count: expected?.count ?? 1, end: tokenizer.end, usesAdapters: true) { if firstPooled.isEmpty { firstPooled = $0 } }
        let tensors: [(String, StageParity.Tolerance, [Float])] = [
            ("lm.inputs_embeds", Self.embeddings, prompt.values), ("lm.hidden_layer1_all", Self.scores, first), ("lm.hidden_last", Self.scores, last),
            ("lm.logits_prefill_last8", Self.scores, scores), ("lm.step_logits", Self.scores, steps), ("lm.pooled.first_logits", Self.scores, firstPooled),
        ]
        let stages = tensors.filter { names.contains($0.0) }.map { compare($0.0, $0.1, $0.2) }
        guard let expected else { return stages }
        return stages + [StageParity(stage: "greedy.pooled", of: pooledTokens.map(Int.init), equalTo: expected.map(Int.init))]
    }

    private func compare(_ name: String, _ tolerance: StageParity.Tolerance, _ values: [Float]) -> StageParity {
        do { return StageParity(stage: name, of: values, with: try reference.tensors.tensor(name).floats(), tolerance: tolerance) } catch {
            return StageParity(stage: name, tolerance: tolerance, failure: error.message)
        }
    }

    private func answers(_ pass: LlamaPass, _ tokenizer: any TextTokenizer, set: ReferenceTensors.InputSet, clips: [[Float]]) throws -> [StageParity] {
        let prompt = try prompt(set.name, pass, tokenizer, music: clips)
        func compare(_ stage: String, _ expected: [Int32], usesAdapters: Bool) throws -> StageParity {
            let tokens = try pass.greedyAnswer(to: prompt, count: expected.count, end: tokenizer.end, usesAdapters: usesAdapters)
            return StageParity(stage: stage, of: tokens.map(Int.init), equalTo: expected.map(Int.init))
        }
        var stages = [StageParity(stage: "prompt.\(set.name)", of: [prompt.tokenCount], equalTo: [set.promptTokens])]
        if pass.model.adapters != .none { stages.append(try compare("greedy.\(set.name)", set.greedy, usesAdapters: true)) }
        if pass.model.adapters != .merged || !pass.model.hasAdapters { stages.append(try compare("greedy.\(set.name).without_adapters", set.greedyWithoutAdapter, usesAdapters: false)) }
        return stages
    }
}

extension ReferenceTensors.Row {
    /// What of the clip goes into a prompt.
    public func input(_ switches: InputSwitches) -> PromptInput {
        PromptInput(hasMusic: true, genres: genres, mvTypes: mvTypes, lyricsUnderstanding: lyricsUnderstanding).keeping(switches)
    }
}

extension LlamaPass {
    /// The most probable tokens one after another, the prompt in parts as the native backend runs it.
    ///
    /// - Parameters:
    ///   - end: the token that ends an answer, the last one given.
    ///   - observe: is shown the scores of every step.
    public func greedyAnswer(to prompt: PromptEmbeddings, count: Int, end: Int32?, usesAdapters: Bool = true, observe: ([Float]) -> Void = { _ in }) throws -> [Int32] {
        let cache = try model.makeCache(capacity: prompt.tokenCount + count), part = NativeOptions().promptPart
        for start in stride(from: 0, to: prompt.tokenCount, by: part) {
            let stop = min(start + part, prompt.tokenCount)
            begin(rows: stop - start)
            setInput(prompt.values[start * prompt.hidden ..< stop * prompt.hidden], row: 0)
            run([Segment(cache: cache, count: stop - start, logits: stop == prompt.tokenCount ? 1 : 0, usesAdapters: usesAdapters)])
        }
        var tokens: [Int32] = []
        while true {
            observe(logits[row: 0])
            let token = Int32(logits.largestColumn(row: 0))
            tokens.append(token)
            if token == end || tokens.count >= count { return tokens }
            begin(rows: 1)
            setInput(try model.embeddings.row(token)[...], row: 0)
            run([Segment(cache: cache, count: 1, logits: 1, usesAdapters: usesAdapters)])
        }
    }
}
