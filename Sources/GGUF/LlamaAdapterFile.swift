import Foundation
import MusicLanguageModel

/// A checkpoint's LoRA adapters as the GGUF file that llama.cpp applies beside a model's weights.
public struct LlamaAdapterFile {
    public var tensors: any LlamaTensors

    public init(tensors: any LlamaTensors) { self.tensors = tensors }

    /// Whether the checkpoint has any.
    public var hasAdapters: Bool { get throws { try !found().isEmpty } }

    /// Writes the whole file, or none where the checkpoint has no adapters.
    ///
    /// - Returns: whether it has any.
    /// - Throws: `ModelError`, `CheckpointError`.
    public func write(to path: String) throws -> Bool {
        let adapters = try found()
        guard !adapters.isEmpty else { return false }
        var file = GGUFFileWriter()
        file.set("general.architecture", .text("llama"))
        file.set("general.type", .text("adapter"))
        file.set("general.file_type", .unsigned(GGUFTensorType.f32.fileType))
        file.set("adapter.type", .text("lora"))
        // llama.cpp scales by alpha over an adapter's rank, one alpha for all, and by nothing where alpha is 0: then the scales go into the numbers.
        let alphas = Set(adapters.map { $0.adapter.scale * Float($0.adapter.rank) })
        let alpha = alphas.count == 1 ? alphas.first : nil
        file.set("adapter.lora.alpha", .float(alpha ?? 0))
        for (name, adapter, headDimension) in adapters {
            let columns = adapter.a.count / adapter.rank, rows = adapter.b.count / adapter.rank
            var up = headDimension.map { LlamaPart.turned(adapter.b, columns: adapter.rank, headDimension: $0) } ?? adapter.b
            if alpha == nil { up = up.map { $0 * adapter.scale } }
            file.add(Self.matrix(name + ".lora_a", adapter.a, rows: adapter.rank, columns: columns))
            file.add(Self.matrix(name + ".lora_b", up, rows: rows, columns: adapter.rank))
        }
        try file.write(to: path)
        return true
    }

    /// - headDimension: of queries and keys.
    private func found() throws -> [(name: String, adapter: LowRankAdapter, headDimension: Int?)] {
        let configuration = tensors.configuration
        var found: [(name: String, adapter: LowRankAdapter, headDimension: Int?)] = []
        for layer in 0 ..< configuration.layers {
            for part in LlamaPart.allCases {
                guard let adapter = try tensors.adapter(of: "model.layers.\(layer).\(part.checkpointName)") else { continue }
                guard adapter.a.count == adapter.rank * part.inputs(configuration), adapter.b.count == adapter.rank * part.outputs(configuration) else {
                    throw ModelError(code: .checkpoint, message: "the adapter of model.layers.\(layer).\(part.checkpointName) has \(adapter.a.count) and \(adapter.b.count) numbers, which do not fit its matrix: it belongs to another model")
                }
                found.append(("blk.\(layer).\(part.fileName)", adapter, part.isTurned ? configuration.headDimension : nil))
            }
        }
        if let adapter = try tensors.adapter(of: "lm_head.weight") {
            guard !configuration.tiesEmbeddings else {
                throw ModelError(code: .checkpoint, message: "the adapter of lm_head.weight cannot be applied where the embeddings are the last layer's weights too: merge it into the checkpoint")
            }
            found.append(("output.weight", adapter, nil))
        }
        return found
    }

    private static func matrix(_ name: String, _ values: [Float], rows: Int, columns: Int) -> GGUFFileWriter.Tensor {
        GGUFFileWriter.Tensor(name: name, columns: columns, rows: rows, type: .f32, rowsAtOnce: rows) { Array(values[$0.lowerBound * columns ..< $0.upperBound * columns]) }
    }
}
