import MusicLanguageModel

/// The matrices of a LLaMA's layer.
enum LlamaPart: CaseIterable {
    case query, key, value, output, gate, up, down

    /// Within its layer, in a Hugging Face checkpoint.
    var checkpointName: String {
        switch self {
        case .query: "self_attn.q_proj.weight"
        case .key: "self_attn.k_proj.weight"
        case .value: "self_attn.v_proj.weight"
        case .output: "self_attn.o_proj.weight"
        case .gate: "mlp.gate_proj.weight"
        case .up: "mlp.up_proj.weight"
        case .down: "mlp.down_proj.weight"
        }
    }

    /// Within its layer, in a GGUF file.
    var fileName: String {
        switch self {
        case .query: "attn_q.weight"
        case .key: "attn_k.weight"
        case .value: "attn_v.weight"
        case .output: "attn_output.weight"
        case .gate: "ffn_gate.weight"
        case .up: "ffn_up.weight"
        case .down: "ffn_down.weight"
        }
    }

    func outputs(_ configuration: LlamaConfiguration) -> Int {
        switch self {
        case .query: configuration.queryWidth
        case .key, .value: configuration.keyValueWidth
        case .output, .down: configuration.hidden
        case .gate, .up: configuration.intermediate
        }
    }

    func inputs(_ configuration: LlamaConfiguration) -> Int {
        switch self {
        case .query, .key, .value, .gate, .up: configuration.hidden
        case .output: configuration.queryWidth
        case .down: configuration.intermediate
        }
    }

    /// Its outputs are turned by the position.
    var isTurned: Bool { self == .query || self == .key }

    /// Rows of whole heads in llama.cpp's order: row `i` of a head's first half, then row `i` of its second half.
    static func turned(_ values: [Float], columns: Int, headDimension: Int) -> [Float] {
        let rows = values.count / columns, half = headDimension / 2
        precondition(rows % headDimension == 0 && rows * columns == values.count, "rows of whole heads")
        var result: [Float] = []
        result.reserveCapacity(values.count)
        for head in stride(from: 0, to: rows, by: headDimension) {
            for place in 0 ..< headDimension {
                let row = head + place / 2 + place % 2 * half
                result += values[row * columns ..< (row + 1) * columns]
            }
        }
        return result
    }
}
