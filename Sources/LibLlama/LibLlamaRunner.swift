import MusicLanguageModel
import TensorKernels

/// Runs sequences on llama.cpp.
final class LibLlamaRunner: SequenceRunner {
    let logits: Activations
    private let context: LlamaContext
    private let free: FreeSlots

    init(_ context: LlamaContext) {
        self.context = context
        free = FreeSlots(Array(0 ..< Int32(context.slots)))
        logits = Activations(rows: 0, columns: context.vocabulary)
    }

    func open(capacity: Int) throws -> any RunnerSequence {
        guard let slot = free.slots.popLast() else { throw ModelError(code: .backend, message: "more sequences than llama.cpp was made for", isRetriable: true) }
        context.clear(slot)
        return Sequence(slot: slot, free: free)
    }

    func run(_ embeddings: ArraySlice<Float>, of sequence: any RunnerSequence, isLast: Bool, usesAdapters: Bool) throws {
        let sequence = own(sequence)
        try context.use(adapters: usesAdapters)
        try context.run(embeddings, LlamaContext.Input(sequence: sequence.slot, position: sequence.count, wantsScores: isLast))
        sequence.count += embeddings.count / context.hidden
        logits.resize(rows: isLast ? 1 : 0)
        if isLast { try context.copyScores(ofRow: embeddings.count / context.hidden - 1, to: logits, row: 0) }
    }

    /// Those with adapters, then those without: the library has the same for all of a batch.
    func run(_ tokens: [SequenceToken]) throws {
        logits.resize(rows: tokens.count)
        for usesAdapters in [true, false] {
            let places = tokens.indices.filter { tokens[$0].usesAdapters == usesAdapters }
            guard !places.isEmpty else { continue }
            let sequences = places.map { own(tokens[$0].sequence) }
            try context.use(adapters: usesAdapters)
            try context.run(places.map { tokens[$0].token }, sequences.map { LlamaContext.Input(sequence: $0.slot, position: $0.count, wantsScores: true) })
            for (row, place) in places.enumerated() {
                sequences[row].count += 1
                try context.copyScores(ofRow: row, to: logits, row: place)
            }
        }
    }

    private func own(_ sequence: any RunnerSequence) -> Sequence {
        guard let sequence = sequence as? Sequence else { preconditionFailure("a sequence of another runner") }
        return sequence
    }

    /// A sequence's number within the library, which is free again when nobody holds it any more.
    private final class Sequence: RunnerSequence {
        let slot: Int32
        var count = 0
        private let free: FreeSlots

        init(slot: Int32, free: FreeSlots) {
            self.slot = slot
            self.free = free
        }

        deinit { free.slots.append(slot) }
    }

    /// Used by the runner's thread alone, which sequences are let go of on.
    private final class FreeSlots {
        var slots: [Int32]

        init(_ slots: [Int32]) { self.slots = slots }
    }
}
