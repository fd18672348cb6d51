import Dispatch
import Synchronization
import TensorKernels

/// A LLaMA's weights, ready to run: read once, shared by all that use them.
///
/// Touvron et al. 2023 (arXiv 2302.13971), with grouped queries (Ainslie et al. 2023).
public final class LlamaModel: Sendable {
    public let configuration: LlamaConfiguration
    public let format: WeightFormat
    public let adapters: AdapterUse
    public let embeddings: TokenEmbeddings
    let layers: [Layer]
    let norm: [Float]
    let head: AdaptedLayer

    struct Layer: Sendable {
        let attentionNorm: [Float]
        /// Queries, keys and values.
        let projection: AdaptedLayer
        let output: AdaptedLayer
        let feedForwardNorm: [Float]
        /// Gates, then ups.
        let gateUp: AdaptedLayer
        let down: AdaptedLayer
    }

    /// Reads all weights, some rows of some layers at a time.
    ///
    /// - Parameters:
    ///   - format: of all matrices; norms and adapters applied beside stay in single precision.
    ///   - threads: layers read at the same time.
    /// - Throws: `ModelError.checkpoint` or `CheckpointError` that names the tensor at fault.
    public init(_ tensors: any LlamaTensors, format: WeightFormat, adapters: AdapterUse = .merged, threads: Int = 1) throws {
        let configuration = tensors.configuration
        try configuration.validate()
        self.configuration = configuration
        self.format = format
        self.adapters = adapters
        embeddings = TokenEmbeddings(tensors)
        norm = try Self.vector("model.norm.weight", count: configuration.hidden, of: tensors)
        head = try AdaptedLayer([(configuration.tiesEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight", configuration.vocabulary)], inputs: configuration.hidden,
                                of: tensors, format: format, adapters: adapters)
        layers = try Self.inParallel(configuration.layers, threads: threads) { try Layer($0, of: tensors, format: format, adapters: adapters) }
    }

    /// Bytes of the weights in memory.
    public var byteCount: Int {
        layers.reduce(head.byteCount + norm.count * 4) { sum, layer in
            sum + layer.projection.byteCount + layer.output.byteCount + layer.gateUp.byteCount + layer.down.byteCount + 2 * norm.count * 4
        }
    }

    /// Whether adapters were found: merged, or beside the weights.
    public var hasAdapters: Bool { head.hasAdapters || layers.contains { $0.projection.hasAdapters || $0.output.hasAdapters || $0.gateUp.hasAdapters || $0.down.hasAdapters } }

    /// Keys and values in single precision for single-precision weights, in half otherwise.
    public var keepsHalfCache: Bool { format != .float32 }

    /// Bytes of keys and values a token.
    public var cacheBytesPerToken: Int {
        KeyValueCache.byteCount(layers: configuration.layers, heads: configuration.keyValueHeads, headDimension: configuration.headDimension, capacity: 16, isHalf: keepsHalfCache) / 16
    }

    /// Room for a sequence.
    ///
    /// - Throws: `ModelError.backend` when there is no memory.
    public func makeCache(capacity: Int) throws(ModelError) -> KeyValueCache {
        guard let cache = KeyValueCache(layers: configuration.layers, heads: configuration.keyValueHeads, headDimension: configuration.headDimension, capacity: capacity, isHalf: keepsHalfCache) else {
            throw ModelError(code: .backend, message: "no memory for the keys and values of \(capacity) tokens (\(capacity * cacheBytesPerToken) bytes): run fewer requests at a time", isRetriable: true)
        }
        return cache
    }

    static func vector(_ name: String, count: Int, of tensors: any LlamaTensors) throws -> [Float] {
        let values = try tensors.rows(0 ..< count, of: name)
        guard values.count == count else { throw ModelError(code: .checkpoint, message: "tensor \(name) has \(values.count) numbers, and the configuration says \(count): config.json belongs to another model") }
        return values
    }

    /// `count` values made on several threads, in order; the first error there was.
    private static func inParallel<Value: Sendable>(_ count: Int, threads: Int, _ make: @Sendable (Int) throws -> Value) throws -> [Value] {
        let made = Mutex((values: [Value?](repeating: nil, count: count), next: 0, error: (any Error)?.none))
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, count))) { _ in
            while let index = made.withLock({ state -> Int? in
                guard state.next < count, state.error == nil else { return nil }
                state.next += 1
                return state.next - 1
            }) {
                let result = Result { try make(index) }
                made.withLock { state in
                    switch result {
                    case .success(let value): state.values[index] = value
                    case .failure(let error): state.error = state.error ?? error
                    }
                }
            }
        }
        return try made.withLock { state in
            if let error = state.error { throw error }
            return state.values.compactMap { $0 }
        }
    }
}

extension LlamaModel.Layer {
    init(_ index: Int, of tensors: any LlamaTensors, format: WeightFormat, adapters: AdapterUse) throws {
        let configuration = tensors.configuration, hidden = configuration.hidden, prefix = "model.layers.\(index)."
        func layer(_ matrices: [(name: String, outputs: Int)], inputs: Int) throws -> AdaptedLayer {
            try AdaptedLayer(matrices.map { (prefix + $0.name + ".weight", $0.outputs) }, inputs: inputs, of: tensors, format: format, adapters: adapters)
        }
        attentionNorm = try LlamaModel.vector(prefix + "input_layernorm.weight", count: hidden, of: tensors)
        projection = try layer([("self_attn.q_proj", configuration.queryWidth), ("self_attn.k_proj", configuration.keyValueWidth), ("self_attn.v_proj", configuration.keyValueWidth)], inputs: hidden)
        output = try layer([("self_attn.o_proj", hidden)], inputs: configuration.queryWidth)
        feedForwardNorm = try LlamaModel.vector(prefix + "post_attention_layernorm.weight", count: hidden, of: tensors)
        gateUp = try layer([("mlp.gate_proj", configuration.intermediate), ("mlp.up_proj", configuration.intermediate)], inputs: hidden)
        down = try layer([("mlp.down_proj", hidden)], inputs: configuration.intermediate)
    }
}
