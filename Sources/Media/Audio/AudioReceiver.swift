/// What a file says of its audio before the first sample.
public struct AudioFormat: Sendable, Hashable {
    /// Samples a second, per channel.
    public var sampleRate: Int
    public var channelCount: Int
    /// Frames that are to come by the file's header and within the limits; nil where it does not say. Headers lie: good for planning only.
    public var expectedFrames: Int?

    public init(sampleRate: Int, channelCount: Int, expectedFrames: Int? = nil) {
        (self.sampleRate, self.channelCount, self.expectedFrames) = (sampleRate, channelCount, expectedFrames)
    }
}

/// Takes a file's samples as they are decoded, so that nobody holds all of a long file.
public protocol AudioReceiver: AnyObject {
    /// The audio begins. Comes again where one decoder has given up and another begins anew: what came before is void.
    func begin(_ format: AudioFormat)
    /// The next samples: one array a channel, all of one length; full scale is ±1, every sample finite.
    func receive(_ block: [[Float]])
}

/// Keeps all that comes.
final class AudioCollector: AudioReceiver {
    private(set) var channels: [[Float]] = []

    func begin(_ format: AudioFormat) { channels = [[Float]](repeating: [], count: format.channelCount) }

    func receive(_ block: [[Float]]) {
        for channel in channels.indices { channels[channel].append(contentsOf: block[channel]) }
    }
}
