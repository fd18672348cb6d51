/// Takes decoded samples, planar, up to the limits. Memory grows with what has been decoded, never with what a header promises.
struct AudioSampleSink {
    /// All channels together, whatever the duration limit: 2²⁶ samples are 256 MiB, 10 minutes of stereo at 48 kHz.
    static let maximumSamples = 1 << 26

    private(set) var channels: [[Float]]
    private(set) var replacedSampleCount = 0
    private(set) var isFull = false
    private let maximumFrames: Int
    /// Frames that are still to be left out, before the part that is wanted.
    private var framesToSkip: Int
    /// Frames that came before the part that is wanted.
    private(set) var skippedFrames = 0

    /// - Parameter skipping: frames at the beginning that are decoded and not kept.
    init(channelCount: Int, sampleRate: Int, limits: MediaLimits, skipping: Int = 0) {
        framesToSkip = skipping
        channels = [[Float]](repeating: [], count: channelCount)
        let (seconds, attoseconds) = limits.maximumDuration.components
        let duration = Double(min(max(seconds, 0), 1 << 30)) + Double(attoseconds) * 1e-18
        let byDuration = Int(min(duration * Double(sampleRate), 1e15).rounded(.up))
        maximumFrames = min(byDuration, Self.maximumSamples / max(1, channelCount))
    }

    /// The number of frames before a time in seconds.
    static func frames(_ seconds: Double, sampleRate: Int) -> Int { Int(min(seconds * Double(sampleRate), 1e15).rounded()) }

    var frameCount: Int { channels.first?.count ?? 0 }

    /// Appends `frames` frames; `sample(channel, frame)` gives each. What passes the limits is left out.
    mutating func append(frames: Int, _ sample: (Int, Int) -> Float) {
        let skipped = min(frames, framesToSkip)
        framesToSkip -= skipped
        skippedFrames += skipped
        let room = maximumFrames - frameCount
        if frames - skipped > room { isFull = true }
        let count = min(frames - skipped, room)
        guard count > 0 else { return }
        for channel in channels.indices {
            // A block at a time: an array that grows sample by sample is checked sample by sample.
            var broken = 0
            let block = [Float](unsafeUninitializedCapacity: count) { block, initialized in
                for frame in 0 ..< count {
                    let value = sample(channel, skipped + frame)
                    // A finite sample far outside full scale is a broken float file's; analysis squares and sums it. NaN compares as false.
                    let isSound = abs(value) < 1e6
                    block[frame] = isSound ? value : 0
                    broken += isSound ? 0 : 1
                }
                initialized = count
            }
            channels[channel].append(contentsOf: block)
            replacedSampleCount += broken
        }
    }
}
