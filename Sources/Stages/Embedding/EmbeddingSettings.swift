import FleetModel
import MusicLanguageModel
import TensorKernels

/// The recipe of the `embedding` stage. What is left out of its JSON has the default value; where the model lies, threads and batches are no part of it.
public struct EmbeddingSettings: Codable, Sendable, Hashable {
    /// Names the audio tower's file by its bytes (see ``CheckpointIdentity``); without it there is nothing to run.
    public var checkpoint: Digest?
    /// How a clip's mean is taken from it before its spectrum.
    public var mean = MeanSubtraction.inPlace
    /// How the tower's weights are kept: vectors differ in their last digits, or with 8 and 4 bits by more.
    public var weights = WeightFormat.float32
    /// What lies behind so many seconds is not listened to.
    public var maximumSeconds = 600.0

    public init() {}

    enum CodingKeys: String, CodingKey, CaseIterable {
        case checkpoint, mean, weights, maximumSeconds = "max_s"
    }

    public init(from decoder: any Decoder) throws {
        try SettingsKeys.check(decoder, known: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        checkpoint = try container.decodeIfPresent(Digest.self, forKey: .checkpoint)
        mean = try container.decodeIfPresent(MeanSubtraction.self, forKey: .mean) ?? mean
        weights = try container.decodeIfPresent(WeightFormat.self, forKey: .weights) ?? weights
        maximumSeconds = try container.decodeIfPresent(Double.self, forKey: .maximumSeconds) ?? maximumSeconds
        try SettingsKeys.require((1...3_600).contains(maximumSeconds), "max_s", "1 to 3,600 seconds")
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(checkpoint, forKey: .checkpoint)
        try container.encode(mean, forKey: .mean)
        try container.encode(weights, forKey: .weights)
        try container.encode(maximumSeconds, forKey: .maximumSeconds)
    }
}

