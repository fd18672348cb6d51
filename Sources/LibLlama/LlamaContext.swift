import CLibLlama
import Foundation
import MusicLanguageModel
import TensorKernels

/// A model that llama.cpp has loaded, and the keys and values of the sequences that it runs.
///
/// Invariant: after it was made, used by one thread: the engine's, which is handed it. Freed in the order that the library asks for.
final class LlamaContext: @unchecked Sendable {
    /// Numbers a token.
    let hidden: Int
    let vocabulary: Int
    /// Bytes of the weights.
    let weightBytes: Int
    let slots: Int
    private let library: LlamaLibrary
    private let model: UnsafeMutableRawPointer
    private let context: UnsafeMutableRawPointer
    private let adapter: UnsafeMutableRawPointer?
    private var areAdaptersSet = false

    /// - Parameters:
    ///   - contextTokens: of each of `slots` sequences.
    ///   - adapter: a GGUF file of LoRA adapters.
    ///   - isExact: attention in single precision, where the library's version is known well enough; in half otherwise, which is quicker.
    /// - Throws: `ModelError.backend`, with what the library said.
    init(_ library: LlamaLibrary, model path: String, adapter adapterPath: String?, contextTokens: Int, isExact: Bool, options: LibLlamaOptions) throws(ModelError) {
        library.loading.lock()
        defer { library.loading.unlock() }
        let functions = library.functions
        _ = library.journal.takeErrors()
        func failure(_ what: String) -> ModelError { ModelError(code: .backend, message: "llama.cpp \(what)" + (library.journal.takeErrors().map { ": " + $0 } ?? "")) }
        guard let model = functions.model_load(path, functions.model_default_params()) else { throw failure("cannot load \(path)") }
        var isWhole = false, madeContext: UnsafeMutableRawPointer?
        defer {
            if !isWhole {
                if let madeContext { functions.context_free(madeContext) }
                functions.model_free(model)
            }
        }
        var parameters = functions.context_default_params()
        var sizes = libllama_get_sizes(&parameters)
        sizes.context = UInt32(contextTokens * options.slots)
        sizes.sequences = UInt32(options.slots)
        libllama_set_sizes(&parameters, sizes)
        if isExact {
            // Where the library does not say that it has understood, it is asked in the usual way.
            var exact = parameters
            if libllama_set_exact(&exact) {
                _ = library.journal.takeAttention()
                madeContext = functions.context_new(model, exact)
                if let context = madeContext, !library.journal.takeAttention().isExact {
                    functions.context_free(context)
                    madeContext = nil
                }
            }
        }
        if madeContext == nil { madeContext = functions.context_new(model, parameters) }
        guard let context = madeContext else { throw failure("has no room for \(options.slots) sequences of \(contextTokens) tokens") }
        // What was written into the parameters has arrived where it belongs.
        guard functions.context_length(context) >= sizes.context, functions.context_sequences(context) == sizes.sequences else {
            throw failure("(\(library.path)) does not keep the number of sequences: its version is not known, install another one")
        }
        functions.set_threads(context, Int32(options.threads), Int32(options.threads))
        if let adapterPath {
            guard let adapter = functions.adapter_load(model, adapterPath) else { throw failure("cannot load the adapters \(adapterPath)") }
            self.adapter = adapter
        } else {
            adapter = nil
        }
        self.library = library
        self.model = model
        self.context = context
        slots = options.slots
        hidden = Int(functions.model_hidden(model))
        vocabulary = Int(functions.vocabulary_size(functions.model_vocabulary.map { $0(model) } ?? UnsafeRawPointer(model)))
        weightBytes = Int(functions.model_size(model))
        isWhole = true
    }

    deinit {
        library.functions.context_free(context)
        // The adapters are freed with their model.
        library.functions.model_free(model)
    }

    var hasAdapters: Bool { adapter != nil }

    /// Forgets a sequence.
    func clear(_ sequence: Int32) {
        let functions = library.functions
        _ = functions.memory_remove(functions.memory.map { $0(context) } ?? context, sequence, -1, -1)
    }

    /// Has all that is run from now on with or without the adapters.
    func use(adapters: Bool) throws(ModelError) {
        guard let adapter, adapters != areAdaptersSet else { return }
        let functions = library.functions
        var status: Int32 = 0
        if let set = functions.adapters_set {
            var one: UnsafeMutableRawPointer? = adapter, scale: Float = 1
            status = set(context, &one, adapters ? 1 : 0, &scale)
        } else if adapters {
            status = functions.adapter_set(context, adapter, 1)
        } else {
            functions.adapters_clear(context)
        }
        guard status == 0 else { throw failure("cannot set the adapters", status) }
        areAdaptersSet = adapters
    }

    /// What comes next into a sequence.
    struct Input {
        var sequence: Int32
        /// Of the first row.
        var position: Int
        var wantsScores: Bool
    }

    /// Runs rows of one sequence; `embeddings` are whole rows.
    func run(_ embeddings: ArraySlice<Float>, _ input: Input) throws(ModelError) {
        let count = embeddings.count / hidden
        precondition(count > 0 && count * hidden == embeddings.count && count <= LibLlamaOptions.mostBatched, "whole rows, as many as a batch takes")
        let inputs = (0 ..< count).map { Input(sequence: input.sequence, position: input.position + $0, wantsScores: input.wantsScores && $0 == count - 1) }
        try decode(inputs) { batch, run in
            embeddings.withUnsafeBufferPointer { embeddings in
                batch.embeddings = UnsafeMutablePointer(mutating: embeddings.baseAddress)
                run(batch)
            }
        }
    }

    /// Runs one token of each of some sequences.
    func run(_ tokens: [Int32], _ inputs: [Input]) throws(ModelError) {
        precondition(tokens.count == inputs.count && tokens.allSatisfy { $0 >= 0 && $0 < vocabulary } && !tokens.isEmpty && tokens.count <= slots, "one token of the vocabulary for each sequence")
        try decode(inputs) { batch, run in
            tokens.withUnsafeBufferPointer { tokens in
                batch.tokens = UnsafeMutablePointer(mutating: tokens.baseAddress)
                run(batch)
            }
        }
    }

    /// The scores of the token after a row of the last run, which were asked for.
    func copyScores(ofRow row: Int, to logits: Activations, row target: Int) throws(ModelError) {
        guard let scores = library.functions.scores(context, Int32(row)) else { throw failure("has no scores for row \(row)", 0) }
        // Invariant: the library keeps `vocabulary` numbers there until the next run.
        logits.write(Array(UnsafeBufferPointer(start: scores, count: vocabulary))[...], atRow: target)
    }

    private func decode(_ inputs: [Input], with lend: (inout libllama_batch, (libllama_batch) -> Void) -> Void) throws(ModelError) {
        var positions = inputs.map { Int32($0.position) }, counts = [Int32](repeating: 1, count: inputs.count), wants: [Int8] = inputs.map { $0.wantsScores ? 1 : 0 }
        var sequences = inputs.map(\.sequence)
        var status: Int32 = -1
        positions.withUnsafeMutableBufferPointer { positions in
            counts.withUnsafeMutableBufferPointer { counts in
                wants.withUnsafeMutableBufferPointer { wants in
                    sequences.withUnsafeMutableBufferPointer { sequences in
                        // Invariant: each list has as many entries as there are inputs, and all of them outlive the call; the library only reads them.
                        var lists: [UnsafeMutablePointer<Int32>?] = inputs.indices.map { sequences.baseAddress! + $0 }
                        lists.withUnsafeMutableBufferPointer { lists in
                            var batch = libllama_batch()
                            batch.count = Int32(inputs.count)
                            batch.positions = positions.baseAddress
                            batch.sequence_counts = counts.baseAddress
                            batch.sequences = lists.baseAddress
                            batch.wants_scores = wants.baseAddress
                            lend(&batch) { status = library.functions.decode(context, $0) }
                        }
                    }
                }
            }
        }
        guard status == 0 else { throw failure("cannot run \(inputs.count) tokens", status) }
    }

    private func failure(_ what: String, _ status: Int32) -> ModelError {
        ModelError(code: .backend, message: "llama.cpp \(what) (status \(status))" + (library.journal.takeErrors().map { ": " + $0 } ?? ""), isRetriable: status == 1)
    }
}
