import Glibc
import TensorKernels

/// Measures a language model of random weights: tokens per second of processor time.
public struct ModelBench: Sendable {
    /// What one format comes to.
    public struct Figures: Hashable, Sendable, Codable {
        public var format: String
        public var parameters: Int
        public var threads: Int
        public var promptTokens: Int
        public var batch: Int
        /// Tokens of a prompt per second of processor time.
        public var prefill: Double
        /// Tokens of one answer, behind the prompt.
        public var decode: Double
        /// Tokens of `batch` answers side by side, all behind prompts of their own.
        public var batchDecode: Double
        /// Of the time of a prompt and of an answer, what is not spent in matrix products, 0…1.
        public var prefillOverhead: Double
        public var decodeOverhead: Double
        public var weightBytes: Int
        public var cacheBytesPerToken: Int
        /// Seconds on the clock in which the weights were made and packed.
        public var loadSeconds: Double

        enum CodingKeys: String, CodingKey {
            case format, parameters, threads, batch, prefill = "prefill_tokens_per_cpu_second", decode = "decode_tokens_per_cpu_second", batchDecode = "batch_decode_tokens_per_cpu_second"
            case promptTokens = "prompt_tokens", prefillOverhead = "prefill_overhead", decodeOverhead = "decode_overhead", weightBytes = "weight_bytes"
            case cacheBytesPerToken = "cache_bytes_per_token", loadSeconds = "load_s"
        }
    }

    /// 134 million parameters: twelve layers of 768, vocabulary 32,000.
    public static let smallLlama = LlamaConfiguration(hidden: 768, intermediate: 2048, layers: 12, heads: 12, epsilon: 1e-5, vocabulary: 32_000, contextLength: 2048)

    /// Vicuna-7B's sizes, 6.74 billion parameters.
    public static let vicuna7B = LlamaConfiguration(hidden: 4096, intermediate: 11_008, layers: 32, heads: 32, epsilon: 1e-5, vocabulary: 32_000, contextLength: 4096)

    public var configuration: LlamaConfiguration
    public var promptTokens: Int
    public var answerTokens: Int
    public var batch: Int
    public var threads: Int
    /// The best of so many runs counts: others share the processor.
    public var repeats: Int

    public init(configuration: LlamaConfiguration = ModelBench.smallLlama, promptTokens: Int = 250, answerTokens: Int = 32, batch: Int = 8, threads: Int = 1, repeats: Int = 3) {
        self.configuration = configuration
        self.promptTokens = promptTokens
        self.answerTokens = answerTokens
        self.batch = batch
        self.threads = threads
        self.repeats = repeats
    }

    /// Takes the calling thread for as long as it lasts.
    public func measure(_ format: WeightFormat) throws -> Figures {
        let start = Self.seconds(CLOCK_MONOTONIC)
        let model = try LlamaModel(RandomLlamaTensors(configuration, seed: 1), format: format, threads: threads)
        let loadSeconds = Self.seconds(CLOCK_MONOTONIC) - start
        let pass = LlamaPass(model, threads: threads)
        let prompt = try RandomLlamaTensors(configuration, seed: 2).rows(0 ..< promptTokens, of: "prompt")
        var caches: [KeyValueCache] = []
        let capacity = promptTokens + 2 * answerTokens * repeats
        var prefill = Double.infinity
        for _ in 0 ..< max(batch, repeats) {
            let cache = try model.makeCache(capacity: capacity)
            prefill = min(prefill, processorTime { runPrompt(prompt, pass, cache) })
            if caches.count < batch { caches.append(cache) }
        }
        let decode = try best { try answer(pass, Array(caches[..<1])) } / Double(answerTokens)
        let batchDecode = try best { try answer(pass, caches) } / Double(answerTokens * batch)
        let prefillProducts = best { model.runProducts(rows: promptTokens, logits: 1, threads: threads) }
        let decodeProducts = best { for _ in 0 ..< answerTokens { model.runProducts(rows: 1, logits: 1, threads: threads) } } / Double(answerTokens)
        return Figures(format: format.rawValue, parameters: configuration.parameters, threads: threads, promptTokens: promptTokens, batch: batch,
                       prefill: Double(promptTokens) / prefill, decode: 1 / decode, batchDecode: 1 / batchDecode, prefillOverhead: max(0, 1 - prefillProducts / prefill),
                       decodeOverhead: max(0, 1 - decodeProducts / decode), weightBytes: model.byteCount, cacheBytesPerToken: model.cacheBytesPerToken, loadSeconds: loadSeconds)
    }

    /// In parts, as the native backend runs a prompt.
    private func runPrompt(_ prompt: [Float], _ pass: LlamaPass, _ cache: KeyValueCache) {
        let part = NativeOptions().promptPart, hidden = configuration.hidden
        for start in stride(from: 0, to: promptTokens, by: part) {
            let end = min(start + part, promptTokens)
            pass.begin(rows: end - start)
            pass.setInput(prompt[start * hidden ..< end * hidden], row: 0)
            pass.run([LlamaPass.Segment(cache: cache, count: end - start, logits: end == promptTokens ? 1 : 0)])
        }
    }

    /// Greedy, a token of each sequence at a time.
    private func answer(_ pass: LlamaPass, _ caches: [KeyValueCache]) throws {
        var tokens = [Int32](repeating: 3, count: caches.count)
        for _ in 0 ..< answerTokens {
            pass.begin(rows: caches.count)
            for (row, token) in tokens.enumerated() { pass.setInput(try pass.model.embeddings.row(token)[...], row: row) }
            pass.run(caches.map { LlamaPass.Segment(cache: $0, count: 1, logits: 1) })
            for row in tokens.indices { tokens[row] = Int32(pass.logits.largestColumn(row: row)) }
        }
    }

    private func best(_ body: () throws -> Void) rethrows -> Double {
        try (0 ..< repeats).reduce(.infinity) { least, _ in min(least, try processorTime(body)) }
    }

    private func processorTime(_ body: () throws -> Void) rethrows -> Double {
        let clock = threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID
        let start = Self.seconds(clock)
        try body()
        return Self.seconds(clock) - start
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

extension LlamaModel {
    /// The matrix products of a pass, and nothing else of it.
    func runProducts(rows: Int, logits: Int, threads: Int) {
        let hidden = Activations(rows: rows, columns: configuration.hidden), mixed = Activations(rows: rows, columns: configuration.queryWidth)
        let gated = Activations(rows: rows, columns: configuration.intermediate), last = Activations(rows: logits, columns: configuration.hidden)
        let projected = Activations(rows: rows, columns: configuration.queryWidth + 2 * configuration.keyValueWidth)
        let gateUp = Activations(rows: rows, columns: 2 * configuration.intermediate), scores = Activations(rows: logits, columns: configuration.vocabulary)
        let change = Activations(rows: rows, columns: configuration.hidden)
        for layer in layers {
            layer.projection.multiply(hidden, into: projected, adapterShares: [], threads: threads)
            layer.output.multiply(mixed, into: change, adapterShares: [], threads: threads)
            layer.gateUp.multiply(hidden, into: gateUp, adapterShares: [], threads: threads)
            layer.down.multiply(gated, into: change, adapterShares: [], threads: threads)
        }
        head.multiply(last, into: scores, adapterShares: [], threads: threads)
    }
}
