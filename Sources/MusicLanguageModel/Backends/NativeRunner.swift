import TensorKernels

/// A LLaMA on this machine's processor. Each row's arithmetic is its own: what else is run changes no scores.
final class NativeRunner: SequenceRunner {
    private let pass: LlamaPass

    init(_ model: LlamaModel, threads: Int) { pass = LlamaPass(model, threads: threads) }

    var logits: Activations { pass.logits }

    func open(capacity: Int) throws -> any RunnerSequence { try pass.model.makeCache(capacity: capacity) }

    func run(_ embeddings: ArraySlice<Float>, of sequence: any RunnerSequence, isLast: Bool, usesAdapters: Bool) throws {
        let rows = embeddings.count / pass.model.configuration.hidden
        pass.begin(rows: rows)
        pass.setInput(embeddings, row: 0)
        pass.run([LlamaPass.Segment(cache: cache(sequence), count: rows, logits: isLast ? 1 : 0, usesAdapters: usesAdapters)])
    }

    func run(_ tokens: [SequenceToken]) throws {
        let rows = try tokens.map { try pass.model.embeddings.row($0.token) }
        pass.begin(rows: rows.count)
        for (row, values) in rows.enumerated() { pass.setInput(values[...], row: row) }
        pass.run(tokens.map { LlamaPass.Segment(cache: cache($0.sequence), count: 1, logits: 1, usesAdapters: $0.usesAdapters) })
    }

    private func cache(_ sequence: any RunnerSequence) -> KeyValueCache {
        guard let cache = sequence as? KeyValueCache else { preconditionFailure("a sequence of another runner") }
        return cache
    }
}

extension KeyValueCache: RunnerSequence {}
