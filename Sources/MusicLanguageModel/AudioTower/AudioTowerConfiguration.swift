import Foundation

/// What an ImageBind audio tower's tensors do not say of themselves: how sound becomes its input, and how its layers count.
///
/// The widths, the number of blocks and the patches' size are read off the tensors; `init()` fits the published `imagebind_huge.pth`.
public struct AudioTowerConfiguration: Sendable, Equatable {
    /// Of each block; nil for one per 64 numbers of a token.
    public var heads: Int?
    /// Hz that the filter bank works at.
    public var sampleRate = 16_000
    public var clipSeconds = 2
    public var clipCount = 3
    public var melBins = 128
    /// Frames that a clip's spectrum is padded or cut to.
    public var frames = 204
    /// Frames and bins from one patch to the next.
    public var patchStride = 10
    /// Taken from the spectrum, which is then divided by `deviation`.
    public var mean: Float = -4.268
    public var deviation: Float = 9.138
    public var stemEpsilon: Float = 1e-5
    public var epsilon: Float = 1e-6
    /// The embedding's length at most.
    public var greatestScale: Float = 100

    public init() {}

    /// From JSON with the arguments of ImageBind's constructor and of its audio loader, as `imagebind_config.json` beside a checkpoint has them; what is missing has the
    /// published model's value.
    ///
    /// - Throws: `ModelError.checkpoint` for what is no such JSON, or values that no tower can have.
    public init(json: Data) throws(ModelError) {
        let stored: Stored
        do { stored = try JSONDecoder().decode(Stored.self, from: json) } catch {
            throw ModelError(code: .checkpoint, message: "the audio tower's configuration is not JSON with numbers: \(error)", cause: error)
        }
        self.init()
        if stored.add_bias_kv == false {
            throw ModelError(code: .checkpoint, message: "the audio tower's configuration has add_bias_kv false; only towers with a learnt key and value are known")
        }
        heads = stored.audio_num_heads
        sampleRate = stored.sample_rate ?? sampleRate
        clipSeconds = stored.clip_duration ?? clipSeconds
        clipCount = stored.clips_per_video ?? clipCount
        melBins = stored.audio_num_mel_bins ?? melBins
        frames = stored.audio_target_len ?? frames
        patchStride = stored.audio_stride ?? patchStride
        mean = stored.mean ?? mean
        deviation = stored.std ?? deviation
        stemEpsilon = stored.stem_layer_norm_eps ?? stemEpsilon
        epsilon = stored.layer_norm_eps ?? epsilon
        greatestScale = stored.max_logit_scale ?? greatestScale
        try validate()
    }

    /// - Throws: `ModelError.checkpoint` naming the value that is out of range.
    func validate() throws(ModelError) {
        let ranges: [(String, Int, ClosedRange<Int>)] = [
            ("audio_num_heads", heads ?? 1, 1 ... 1_024), ("sample_rate", sampleRate, 8_000 ... 192_000), ("clip_duration", clipSeconds, 1 ... 60),
            ("clips_per_video", clipCount, 1 ... 64), ("audio_num_mel_bins", melBins, 8 ... 1_024), ("audio_target_len", frames, 8 ... 8_192), ("audio_stride", patchStride, 1 ... 64),
        ]
        for (name, value, range) in ranges where !range.contains(value) {
            throw ModelError(code: .checkpoint, message: "the audio tower's configuration has \(name) \(value), which is not from \(range.lowerBound) to \(range.upperBound)")
        }
        let positive: [(String, Float)] = [("std", deviation), ("stem_layer_norm_eps", stemEpsilon), ("layer_norm_eps", epsilon), ("max_logit_scale", greatestScale)]
        for (name, value) in positive where !(value > 0 && value.isFinite) {
            throw ModelError(code: .checkpoint, message: "the audio tower's configuration has \(name) \(value), which is no positive number")
        }
        guard mean.isFinite else { throw ModelError(code: .checkpoint, message: "the audio tower's configuration has mean \(mean)") }
    }

    /// The names as they are stored.
    private struct Stored: Decodable {
        var audio_num_heads, audio_num_mel_bins, audio_target_len, audio_stride, sample_rate, clip_duration, clips_per_video: Int?
        var mean, std, stem_layer_norm_eps, layer_norm_eps, max_logit_scale: Float?
        var add_bias_kv: Bool?
    }
}
