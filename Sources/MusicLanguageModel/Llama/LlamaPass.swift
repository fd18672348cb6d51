import TensorKernels

/// Runs a LLaMA over rows of some sequences: parts of prompts, or each sequence's next token.
///
/// Holds what is computed on the way, made once and written over pass after pass. Not for use by two threads at a time.
public final class LlamaPass {
    /// Consecutive rows of one sequence, for the positions after those that its cache holds.
    public struct Segment {
        public let cache: KeyValueCache
        public let count: Int
        /// Rows at the end whose next token is asked for, 0 to `count`.
        public let logits: Int
        public let usesAdapters: Bool

        public init(cache: KeyValueCache, count: Int, logits: Int, usesAdapters: Bool = true) {
            precondition(count > 0 && (0 ... count).contains(logits), "\(logits) of \(count) rows")
            self.cache = cache
            self.count = count
            self.logits = logits
            self.usesAdapters = usesAdapters
        }
    }

    public let model: LlamaModel
    /// Threads of the matrix products.
    public let threads: Int
    /// Scores of the next token, one row for each that was asked for, `rows × vocabulary`.
    public let logits: Activations
    private let angles: RotaryAngles
    private var hidden: Activations
    private var kept: Activations
    private let normed: Activations
    private let projected: Activations
    private let mixed: Activations
    private let keptMixed: Activations
    private let change: Activations
    private let gateUp: Activations
    private let gated: Activations
    private let scratch = Activations(rows: 0, columns: 16)

    public init(_ model: LlamaModel, threads: Int = 1) {
        let configuration = model.configuration
        func rows(of columns: Int) -> Activations { Activations(rows: 0, columns: columns) }
        self.model = model
        self.threads = threads
        angles = RotaryAngles(frequencies: configuration.rotaryFrequencies)
        hidden = rows(of: configuration.hidden)
        kept = rows(of: configuration.hidden)
        normed = rows(of: configuration.hidden)
        projected = rows(of: configuration.queryWidth + 2 * configuration.keyValueWidth)
        mixed = rows(of: configuration.queryWidth)
        keptMixed = rows(of: configuration.queryWidth)
        change = rows(of: configuration.hidden)
        gateUp = rows(of: 2 * configuration.intermediate)
        gated = rows(of: configuration.intermediate)
        logits = rows(of: configuration.vocabulary)
    }

    /// Begins a pass over so many rows; each is then given with ``setInput(_:row:)``.
    public func begin(rows: Int) { hidden.resize(rows: rows) }

    /// Embeddings for the rows from `row` on, row-major.
    public func setInput(_ embeddings: ArraySlice<Float>, row: Int) { hidden.write(embeddings, atRow: row) }

    /// Runs the rows that were given, in the segments' order; their caches advance.
    ///
    /// - observe: is shown the hidden states (`rows × hidden`), index 0 being the input, the last one after the last norm, as `transformers` gives them. Rows that are
    ///   not needed for the scores are then computed to the end all the same.
    public func run(_ segments: [Segment], observe: ((_ index: Int, _ states: Activations) -> Void)? = nil) {
        let configuration = model.configuration, epsilon = Float(configuration.epsilon)
        let asked = segments.reduce(0) { $0 + $1.logits }
        precondition(segments.reduce(0) { $0 + $1.count } == hidden.rows, "segments of other rows")
        defer { for segment in segments { segment.cache.advance(by: segment.count) } }
        var shares = Self.adapterShares(segments, \.count)
        observe?(0, hidden)
        for (index, layer) in model.layers.enumerated() {
            hidden.rmsNorm(weights: layer.attentionNorm, epsilon: epsilon, into: normed)
            layer.projection.multiply(normed, into: projected, adapterShares: shares, threads: threads)
            let isLast = index == model.layers.count - 1, keepsAsked = isLast && observe == nil && asked < hidden.rows
            attend(segments, layer: index, onlyAsked: keepsAsked)
            var mixed = mixed
            if keepsAsked {
                // Its keys and values are all that the last layer gives to later tokens.
                guard asked > 0 else { return logits.resize(rows: 0) }
                gather(mixed, into: keptMixed, of: segments)
                gather(hidden, into: kept, of: segments)
                swap(&hidden, &kept)
                mixed = keptMixed
                shares = Self.adapterShares(segments, \.logits)
            }
            layer.output.multiply(mixed, into: change, adapterShares: shares, threads: threads)
            hidden.add(change)
            hidden.rmsNorm(weights: layer.feedForwardNorm, epsilon: epsilon, into: normed)
            layer.gateUp.multiply(normed, into: gateUp, adapterShares: shares, threads: threads)
            gateUp.gate(into: gated)
            layer.down.multiply(gated, into: change, adapterShares: shares, threads: threads)
            hidden.add(change)
            if !isLast { observe?(index + 1, hidden) }
        }
        hidden.rmsNorm(weights: model.norm, epsilon: epsilon, into: normed)
        observe?(model.layers.count, normed)
        if asked < normed.rows { gather(normed, into: kept, of: segments) }
        model.head.multiply(asked < normed.rows ? kept : normed, into: logits, adapterShares: Self.adapterShares(segments, \.logits), threads: threads)
    }

    /// Self-attention of every segment in one layer, into `mixed`.
    private func attend(_ segments: [Segment], layer: Int, onlyAsked: Bool) {
        mixed.resize(rows: projected.rows)
        var row = 0
        for segment in segments {
            segment.cache.attend(layer: layer, projected: projected, rows: row ..< row + segment.count, asked: onlyAsked ? segment.logits : segment.count,
                                 queryHeads: model.configuration.heads, angles: angles, into: mixed, scratch: scratch)
            row += segment.count
        }
    }

    /// Copies the rows whose next token is asked for, each segment's last ones.
    private func gather(_ rows: Activations, into output: Activations, of segments: [Segment]) {
        output.resize(rows: segments.reduce(0) { $0 + $1.logits })
        var row = 0, place = 0
        for segment in segments {
            row += segment.count
            rows.copy(rows: row - segment.logits ..< row, into: output, at: place)
            place += segment.logits
        }
    }

    private static func adapterShares(_ segments: [Segment], _ rows: (Segment) -> Int) -> [Float] {
        segments.flatMap { [Float](repeating: $0.usesAdapters ? 1 : 0, count: rows($0)) }
    }
}
