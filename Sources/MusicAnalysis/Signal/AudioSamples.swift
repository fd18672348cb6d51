/// Music as samples: what the analyzer reads.
public struct AudioSamples: Sendable {
    /// Samples a second, 1,000…768,000.
    public let sampleRate: Int
    /// One array a channel, all of one length; full scale is ±1, every sample finite.
    public let channels: [[Float]]

    public init(sampleRate: Int, channels: [[Float]]) {
        precondition((1_000 ... 768_000).contains(sampleRate), "a sample rate is 1–768 kHz")
        precondition(channels.allSatisfy { $0.count == channels[0].count }, "channels have equal lengths")
        self.sampleRate = sampleRate
        self.channels = channels
    }

    public var frameCount: Int { channels.first?.count ?? 0 }
    /// Seconds.
    public var duration: Double { Double(frameCount) / Double(sampleRate) }
}
