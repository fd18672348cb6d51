import Foundation

/// A directory of small made-up files, for tests that need no shared data.
struct MadeCheckpoint {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("made-checkpoint-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    func write(_ name: String, json: String) throws { try write(name, Array(json.utf8)) }

    /// Tensors in single precision; the numbers of each are 0.01, 0.02, … from its own first one on.
    func write(_ name: String, tensors: [(name: String, shape: [Int])], first: Float = 0) throws {
        var entries: [String] = [], data: [UInt8] = []
        for tensor in tensors.sorted(by: { $0.name < $1.name }) {
            let values = (0 ..< tensor.shape.reduce(1, *)).map { first + Float($0 + 1) / 100 }
            let start = data.count
            data += values.flatMap { value in (0 ..< 4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) } }
            entries.append(#""\#(tensor.name)":{"dtype":"F32","shape":\#(tensor.shape),"data_offsets":[\#(start),\#(data.count)]}"#)
        }
        let header = Array("{\(entries.joined(separator: ","))}".utf8)
        try write(name, (0 ..< 8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) } + header + data)
    }

    /// Hidden 8, two heads of 4 with one key-value head, two layers, six tokens.
    static let configuration = #"{"model_type":"llama","hidden_size":8,"intermediate_size":12,"num_hidden_layers":2,"num_attention_heads":2,"num_key_value_heads":1,"vocab_size":6,"rms_norm_eps":1e-5}"#

    static func llama(tied: Bool = false) -> [(name: String, shape: [Int])] {
        var tensors: [(name: String, shape: [Int])] = [("model.embed_tokens.weight", [6, 8]), ("model.norm.weight", [8])]
        if !tied { tensors.append(("lm_head.weight", [6, 8])) }
        for layer in 0 ..< 2 {
            let prefix = "model.layers.\(layer)."
            tensors += [("self_attn.q_proj", [8, 8]), ("self_attn.k_proj", [4, 8]), ("self_attn.v_proj", [4, 8]), ("self_attn.o_proj", [8, 8]), ("mlp.gate_proj", [12, 8]),
                        ("mlp.up_proj", [12, 8]), ("mlp.down_proj", [8, 12]), ("input_layernorm", [8]), ("post_attention_layernorm", [8])].map { (prefix + $0.0 + ".weight", $0.1) }
        }
        return tensors
    }

    func writeLlama(configuration: String = Self.configuration, tied: Bool = false) throws {
        try write("vicuna/config.json", json: configuration)
        try write("vicuna/model.safetensors", tensors: Self.llama(tied: tied))
    }
}
