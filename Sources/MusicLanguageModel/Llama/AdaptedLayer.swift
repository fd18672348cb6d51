import NumericKernels
import TensorKernels

/// What becomes of LoRA adapters when a model is loaded.
public enum AdapterUse: String, Sendable, CaseIterable {
    /// Added to the weights before they are rounded to their format: costs nothing afterwards.
    case merged
    /// Kept beside the weights in single precision, so that each request may have them or not.
    case applied
    /// Left out.
    case none
}

/// Some matrices of a checkpoint with the same inputs as one linear layer, their outputs side by side, with or without LoRA beside it.
struct AdaptedLayer: Sendable {
    let weights: WeightMatrix
    /// All parts' `a` one upon another, `ranks × inputs`; nil where nothing is applied beside.
    private let down: WeightMatrix?
    private let parts: [Part]

    private struct Part: Sendable {
        let up: WeightMatrix
        let scale: Float
        /// Where this part's numbers begin among the ranks.
        let rank: Int
        /// Where its outputs begin.
        let output: Int
    }

    /// - matrices: names with their numbers of outputs.
    init(_ matrices: [(name: String, outputs: Int)], inputs: Int, of tensors: any LlamaTensors, format: WeightFormat, adapters: AdapterUse) throws {
        var found: [(first: Int, adapter: LowRankAdapter)] = []
        var merged: [Merged] = []
        var first = 0
        for (name, outputs) in matrices {
            let adapter = adapters == .none ? nil : try tensors.adapter(of: name)
            if let adapter {
                guard adapter.a.count == adapter.rank * inputs, adapter.b.count == outputs * adapter.rank else {
                    throw ModelError(code: .checkpoint, message: "the adapter of \(name) has \(adapter.a.count) and \(adapter.b.count) numbers, and rank \(adapter.rank) for \(outputs) × \(inputs) weights needs \(adapter.rank * inputs) and \(outputs * adapter.rank): it belongs to another model")
                }
                if adapters == .applied { found.append((first, adapter)) }
            }
            merged.append(Merged(name: name, range: first ..< first + outputs, inputs: inputs, adapter: adapters == .merged ? adapter : nil))
            first += outputs
        }
        weights = try WeightMatrix(outputs: first, inputs: inputs, format: format) { rows throws -> [Float] in
            try merged.reduce(into: []) { try $0.append(contentsOf: $1.rows(rows, of: tensors)) }
        }
        hasAdapters = !found.isEmpty || merged.contains { $0.adapter != nil }
        guard !found.isEmpty else {
            down = nil
            parts = []
            return
        }
        let stacked = Matrix(rows: found.reduce(0) { $0 + $1.adapter.rank }, columns: inputs, elements: found.flatMap(\.adapter.a))
        down = WeightMatrix(outputs: stacked.rows, inputs: inputs, format: .float32) { Array(stacked.elements[$0.lowerBound * inputs ..< $0.upperBound * inputs]) }
        var rank = 0
        parts = found.map { first, adapter in
            defer { rank += adapter.rank }
            let up = WeightMatrix(outputs: adapter.b.count / adapter.rank, inputs: adapter.rank, format: .float32) { Array(adapter.b[$0.lowerBound * adapter.rank ..< $0.upperBound * adapter.rank]) }
            return Part(up: up, scale: adapter.scale, rank: rank, output: first)
        }
    }

    var byteCount: Int { parts.reduce(weights.byteCount + (down?.byteCount ?? 0)) { $0 + $1.up.byteCount } }

    /// Whether an adapter was found for one of the matrices.
    let hasAdapters: Bool

    /// `output = input · weightsᵀ`, plus the adapters' part for rows whose share is 1.
    ///
    /// - shares: 1 or 0 a row.
    func multiply(_ input: Activations, into output: Activations, adapterShares shares: [Float], threads: Int) {
        weights.multiply(input, into: output, threads: threads)
        guard let down, shares.contains(where: { $0 != 0 }) else { return }
        let ranks = Activations(rows: input.rows, columns: down.outputs)
        down.multiply(input, into: ranks, threads: threads)
        for part in parts {
            let mine = Activations(rows: input.rows, columns: part.up.inputs), added = Activations(rows: input.rows, columns: part.up.outputs)
            ranks.copy(columns: part.rank, into: mine)
            part.up.multiply(mine, into: added, threads: threads)
            output.add(added, atColumn: part.output, scales: shares.map { $0 * part.scale })
        }
    }
}

/// One matrix of a layer, its adapter added.
private struct Merged {
    let name: String
    /// Its outputs among the layer's.
    let range: Range<Int>
    let inputs: Int
    let adapter: LowRankAdapter?

    /// Those of the layer's rows that are this matrix's.
    func rows(_ asked: Range<Int>, of tensors: any LlamaTensors) throws -> [Float] {
        let mine = asked.clamped(to: range)
        guard !mine.isEmpty else { return [] }
        let rows = mine.lowerBound - range.lowerBound ..< mine.upperBound - range.lowerBound
        var values = try tensors.rows(rows, of: name)
        guard values.count == rows.count * inputs else {
            throw ModelError(code: .checkpoint, message: "tensor \(name) has \(values.count / max(rows.count, 1)) numbers a row, and the configuration says \(inputs): config.json belongs to another model")
        }
        guard let adapter else { return values }
        let up = Matrix(rows: rows.count, columns: adapter.rank, elements: Array(adapter.b[rows.lowerBound * adapter.rank ..< rows.upperBound * adapter.rank]))
        let added = up.multiplied(by: Matrix(rows: adapter.rank, columns: inputs, elements: adapter.a)).elements
        for index in values.indices { values[index] += adapter.scale * added[index] }
        return values
    }
}
