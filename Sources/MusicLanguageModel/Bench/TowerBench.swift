import Checkpoints
import Glibc
import TensorKernels

/// Measures an audio tower of random weights at the published size: processor time for the three clips of a recording.
public struct TowerBench: Sendable {
    public struct Figures: Hashable, Sendable, Codable {
        public var format: String
        public var parameters: Int
        public var threads: Int
        public var clips: Int
        /// Processor seconds of all clips of a recording.
        public var cpuSeconds: Double
        public var weightBytes: Int

        enum CodingKeys: String, CodingKey { case format, parameters, threads, clips, cpuSeconds = "tower_cpu_seconds", weightBytes = "weight_bytes" }
    }

    public var threads: Int
    /// The best of so many runs counts: others share the processor.
    public var repeats: Int

    public init(threads: Int = 1, repeats: Int = 3) {
        self.threads = threads
        self.repeats = repeats
    }

    /// Takes the calling thread for as long as it lasts.
    public func measure(_ format: WeightFormat) throws -> Figures {
        let configuration = AudioTowerConfiguration(), tensors = RandomTowerTensors()
        let tower = try AudioTower(tensors: tensors, configuration: configuration, format: format)
        let plan = ClipPlan(sampleCount: 30 * configuration.sampleRate, sampleRate: configuration.sampleRate, clipSeconds: configuration.clipSeconds, clipCount: configuration.clipCount)
        let spectra = try ClipSpectra(plan: plan, configuration: configuration,
                                      values: RandomTowerTensors.numbers("spectra", count: configuration.clipCount * configuration.melBins * configuration.frames, scale: 1.7))
        var best = Double.infinity
        // The first run makes the workspaces, and does not count.
        for run in 0 ... repeats {
            let start = Self.processorSeconds()
            _ = tower.embed([spectra], threads: threads)
            if run > 0 { best = min(best, Self.processorSeconds() - start) }
        }
        return Figures(format: format.rawValue, parameters: tensors.parameters, threads: threads, clips: configuration.clipCount, cpuSeconds: best, weightBytes: tower.byteCount)
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// ImageBind's audio tower as `imagebind_huge.pth` has it, with random weights that are made as they are asked for.
struct RandomTowerTensors: TensorArchive {
    private static let width = 768, blocks = 12, outputs = 1024, tokens = 229
    private let shapes: [String: [Int]]

    init() {
        let width = Self.width
        var shapes: [String: [Int]] = [
            "modality_preprocessors.audio.cls_token": [1, 1, width], "modality_preprocessors.audio.rgbt_stem.proj.weight": [width, 1, 16, 16],
            "modality_preprocessors.audio.pos_embedding_helper.pos_embed": [1, Self.tokens, width], "modality_heads.audio.2.weight": [Self.outputs, width],
            "modality_postprocessors.audio.1.log_logit_scale": [],
        ]
        func norm(_ name: String) { for part in ["weight", "bias"] { shapes["\(name).\(part)"] = [width] } }
        norm("modality_preprocessors.audio.rgbt_stem.norm_layer")
        norm("modality_heads.audio.0")
        for block in 0 ..< Self.blocks {
            let name = "modality_trunks.audio.blocks.\(block)."
            norm(name + "norm_1")
            norm(name + "norm_2")
            for (part, shape) in [("attn.in_proj_weight", [3 * width, width]), ("attn.in_proj_bias", [3 * width]), ("attn.bias_k", [1, 1, width]), ("attn.bias_v", [1, 1, width]),
                                  ("attn.out_proj.weight", [width, width]), ("attn.out_proj.bias", [width]), ("mlp.fc1.weight", [4 * width, width]), ("mlp.fc1.bias", [4 * width]),
                                  ("mlp.fc2.weight", [width, 4 * width]), ("mlp.fc2.bias", [width])] { shapes[name + part] = shape }
        }
        self.shapes = shapes
    }

    var names: [String] { shapes.keys.sorted() }

    var parameters: Int { shapes.values.reduce(0) { $0 + $1.reduce(1, *) } }

    func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let shape = shapes[name] else { throw CheckpointError(code: .tensorMissing, message: "there is no tensor \(name)") }
        let count = shape.reduce(1, *), isNorm = name.hasSuffix("norm_1.weight") || name.hasSuffix("norm_2.weight") || name.hasSuffix("norm_layer.weight") || name == "modality_heads.audio.0.weight"
        let values = shape.isEmpty ? [Float(3)] : isNorm ? [Float](repeating: 1, count: count) : Self.numbers(name, count: count, scale: 0.035)
        return StoredTensor(name: name, elementType: .float32, shape: shape) { range, body in values.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) } }
    }

    /// Uniform from -scale to scale, the same in every process.
    static func numbers(_ name: String, count: Int, scale: Float) -> [Float] {
        var state = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 } | 1
        return (0 ..< count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Float(Int32(truncatingIfNeeded: state >> 32)) / Float(1 << 31) * scale
        }
    }
}
