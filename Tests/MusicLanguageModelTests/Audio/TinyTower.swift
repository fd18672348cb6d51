import Glibc
import MusicLanguageModel

/// An audio tower of odd sizes with random weights, and what it computes, written out in double precision.
struct TinyTower {
    var archive = InMemoryArchive()
    var configuration = AudioTowerConfiguration()
    let width = 36, heads = 3, blocks = 2, hidden = 50, outputs = 10

    init(prefix: String = "") {
        configuration.heads = heads
        configuration.melBins = 24
        configuration.frames = 52
        configuration.patchStride = 7
        var noise = Noise(7)
        func add(_ name: String, _ shape: [Int], _ scale: Float, around centre: Float = 0) {
            archive.tensors[prefix + name] = (shape, noise.values(shape.reduce(1, *), scale: scale).map { $0 + centre })
        }
        func norm(_ name: String) {
            add(name + ".weight", [width], 0.3, around: 1)
            add(name + ".bias", [width], 0.2)
        }
        add("modality_preprocessors.audio.cls_token", [1, 1, width], 1)
        add("modality_preprocessors.audio.rgbt_stem.proj.weight", [width, 1, 9, 9], 0.3)
        norm("modality_preprocessors.audio.rgbt_stem.norm_layer")
        add("modality_preprocessors.audio.pos_embedding_helper.pos_embed", [1, tokens, width], 1)
        for block in 0 ..< blocks {
            let name = "modality_trunks.audio.blocks.\(block)."
            norm(name + "norm_1")
            norm(name + "norm_2")
            add(name + "attn.in_proj_weight", [3 * width, width], 0.4)
            add(name + "attn.in_proj_bias", [3 * width], 0.3)
            add(name + "attn.bias_k", [1, 1, width], 1)
            add(name + "attn.bias_v", [1, 1, width], 1)
            add(name + "attn.out_proj.weight", [width, width], 0.3)
            add(name + "attn.out_proj.bias", [width], 0.3)
            add(name + "mlp.fc1.weight", [hidden, width], 0.3)
            add(name + "mlp.fc1.bias", [hidden], 0.3)
            add(name + "mlp.fc2.weight", [width, hidden], 0.3)
            add(name + "mlp.fc2.bias", [width], 0.3)
        }
        norm("modality_heads.audio.0")
        add("modality_heads.audio.2.weight", [outputs, width], 0.3)
        add("modality_postprocessors.audio.1.log_logit_scale", [], 0, around: 3)
        add("modality_trunks.vision.blocks.0.norm_1.weight", [7], 1)
    }

    var tokens: Int { ((24 - 9) / 7 + 1) * ((52 - 9) / 7 + 1) + 1 }

    private func tensor(_ name: String) -> [Double] { archive.tensors[name]!.values.map(Double.init) }

    private func linear(_ x: [[Double]], _ name: String, _ bias: [Double]?) -> [[Double]] {
        let weight = tensor(name), inputs = x[0].count, outputs = weight.count / inputs
        return x.map { row -> [Double] in
            (0 ..< outputs).map { output -> Double in
                var sum = bias?[output] ?? 0
                for input in 0 ..< inputs { sum += row[input] * weight[output * inputs + input] }
                return sum
            }
        }
    }

    private func norm(_ x: [[Double]], _ name: String, _ epsilon: Double) -> [[Double]] {
        let weight = tensor(name + ".weight"), bias = tensor(name + ".bias")
        return x.map { row in
            let mean = row.reduce(0, +) / Double(row.count), variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
            return row.indices.map { (row[$0] - mean) / (variance + epsilon).squareRoot() * weight[$0] + bias[$0] }
        }
    }

    /// The embedding of a clip, and the tokens that the first block reads and those that each gives.
    func definition(_ image: [Float]) -> (embedding: [Double], layers: [[[Double]]]) {
        let pre = "modality_preprocessors.audio."
        var patches: [[Double]] = []
        for top in stride(from: 0, through: 24 - 9, by: 7) {
            for left in stride(from: 0, through: 52 - 9, by: 7) { patches.append((0 ..< 81).map { Double(image[(top + $0 / 9) * 52 + left + $0 % 9]) }) }
        }
        var x = [tensor(pre + "cls_token")] + norm(linear(patches, pre + "rgbt_stem.proj.weight", nil), pre + "rgbt_stem.norm_layer", 1e-5)
        let positions = tensor(pre + "pos_embedding_helper.pos_embed")
        for row in x.indices { for column in 0 ..< width { x[row][column] += positions[row * width + column] } }
        var layers = [x]
        for block in 0 ..< blocks {
            let name = "modality_trunks.audio.blocks.\(block).", headWidth = width / heads
            let projected = linear(norm(x, name + "norm_1", 1e-6), name + "attn.in_proj_weight", tensor(name + "attn.in_proj_bias"))
            let keys = projected.map { Array($0[width ..< 2 * width]) } + [tensor(name + "attn.bias_k")], values = projected.map { Array($0[(2 * width)...]) } + [tensor(name + "attn.bias_v")]
            let mixed = projected.map { query -> [Double] in
                (0 ..< heads).flatMap { head -> [Double] in
                    let part = head * headWidth ..< (head + 1) * headWidth
                    let weights = keys.map { key -> Double in exp(part.reduce(0.0) { $0 + query[$1] * key[$1] } / Double(headWidth).squareRoot()) }
                    let total = weights.reduce(0, +)
                    return part.map { column -> Double in zip(weights, values).reduce(0.0) { $0 + $1.0 * $1.1[column] } / total }
                }
            }
            let attended = linear(mixed, name + "attn.out_proj.weight", tensor(name + "attn.out_proj.bias"))
            for row in x.indices { for column in 0 ..< width { x[row][column] += attended[row][column] } }
            let wide = linear(norm(x, name + "norm_2", 1e-6), name + "mlp.fc1.weight", tensor(name + "mlp.fc1.bias")).map { $0.map { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) } }
            let narrow = linear(wide, name + "mlp.fc2.weight", tensor(name + "mlp.fc2.bias"))
            for row in x.indices { for column in 0 ..< width { x[row][column] += narrow[row][column] } }
            layers.append(x)
        }
        let vector = linear([norm(x, "modality_heads.audio.0", 1e-6)[0]], "modality_heads.audio.2.weight", nil)[0]
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return (vector.map { $0 / length * exp(3) }, layers)
    }
}
