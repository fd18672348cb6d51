import Glibc

/// Takes decoded samples, planar, up to the limits, and hands them on in blocks.
struct AudioSampleSink {
    /// Where samples come from, and what of them is wanted.
    struct Request {
        /// Seconds from the first sample.
        var start: Double
        var limits: MediaLimits
        /// All channels together, whatever the duration limit.
        var maximumSamples: Int
        var receiver: any AudioReceiver

        /// The number of frames before the start.
        func framesToSkip(sampleRate: Int) -> Int { Int(min(start * Double(sampleRate), 1e15).rounded()) }
    }

    /// Frames that are handed on at once, about.
    static let blockFrames = 16_384

    private let receiver: any AudioReceiver
    private var block: [[Float]]
    private let maximumFrames: Int
    /// Frames that are still to be left out, before the part that is wanted.
    private var framesToSkip: Int
    /// Frames that came before the part that is wanted.
    private(set) var skippedFrames = 0
    private(set) var frameCount = 0
    private(set) var replacedSampleCount = 0
    private(set) var isFull = false

    /// - Parameters:
    ///   - skipping: frames at the beginning that are decoded and not kept.
    ///   - expectedFrames: what the header says the file holds from there on.
    init(_ request: Request, channelCount: Int, sampleRate: Int, skipping: Int, expectedFrames: Int?) {
        framesToSkip = skipping
        receiver = request.receiver
        block = [[Float]](repeating: [], count: channelCount)
        let (seconds, attoseconds) = request.limits.maximumDuration.components
        let duration = Double(min(max(seconds, 0), 1 << 30)) + Double(attoseconds) * 1e-18
        let byDuration = Int(min(duration * Double(sampleRate), 1e15).rounded(.up))
        maximumFrames = min(byDuration, request.maximumSamples / max(1, channelCount))
        let expected = expectedFrames.map { min(max($0, 0), maximumFrames) }
        receiver.begin(AudioFormat(sampleRate: sampleRate, channelCount: channelCount, expectedFrames: expected))
    }

    var channelCount: Int { block.count }

    /// Appends `frames` frames; `sample(channel, frame)` gives each. What passes the limits is left out.
    mutating func append(frames: Int, _ sample: (Int, Int) -> Float) {
        let skipped = min(frames, framesToSkip)
        framesToSkip -= skipped
        skippedFrames += skipped
        let room = maximumFrames - frameCount
        if frames - skipped > room { isFull = true }
        let count = min(frames - skipped, room)
        guard count > 0 else { return }
        for channel in block.indices {
            // A part at a time: an array that grows sample by sample is checked sample by sample.
            var broken = 0
            let part = [Float](unsafeUninitializedCapacity: count) { part, initialized in
                for frame in 0 ..< count {
                    let value = sample(channel, skipped + frame)
                    // A finite sample far outside full scale is a broken float file's; analysis squares and sums it. NaN compares as false.
                    let isSound = abs(value) < 1e6
                    part[frame] = isSound ? value : 0
                    broken += isSound ? 0 : 1
                }
                initialized = count
            }
            block[channel].append(contentsOf: part)
            replacedSampleCount += broken
        }
        frameCount += count
        if (block.first?.count ?? 0) >= Self.blockFrames { flush() }
    }

    /// Hands on what has gathered. To be called after the last sample.
    mutating func flush() {
        guard block.first?.isEmpty == false else { return }
        receiver.receive(block)
        for channel in block.indices { block[channel].removeAll(keepingCapacity: true) }
    }
}
