/// Which parts of a recording the model hears: some clips of equal length, evenly spread from its first sample to its last.
///
/// As pytorchvideo's `ConstantClipsPerVideoSampler` plans them, to the sample: the last clip's start is a number of seconds in double precision, of which exact fractions are
/// taken, and their products with the sample rate are rounded down. (Of 6.3 s, a clip at 2.15 s then starts at sample 34,399 of 16,000 a second, and not at 34,400.)
public struct ClipPlan: Sendable, Equatable {
    /// Of the recording, at ``sampleRate``; shorter than a clip where the recording is. Ascending; they overlap where the recording is shorter than all clips together, and
    /// are the same where it is no longer than one.
    public let sampleRanges: [Range<Int>]
    /// Seconds from the start of the recording.
    public let startTimes: [Double]
    /// Hz.
    public let sampleRate: Int
    /// Of a whole clip.
    public let clipSeconds: Int

    /// - Parameters:
    ///   - sampleCount: of the recording.
    ///   - clipSeconds, clipCount: positive.
    public init(sampleCount: Int, sampleRate: Int, clipSeconds: Int, clipCount: Int) {
        precondition(sampleCount >= 0 && sampleCount < 1 << 53, "a recording has less than 2⁵³ samples")
        precondition(sampleRate > 0 && clipSeconds > 0 && clipCount > 0, "a plan is for some clips of some length")
        self.sampleRate = sampleRate
        self.clipSeconds = clipSeconds
        let last = max(Double(sampleCount) / Double(sampleRate) - Double(clipSeconds), 0)
        let steps = max(clipCount - 1, 1)
        // A duration of a second or more is a multiple of 2⁻⁵², and so is what is left of it: fraction = last · 2⁵², exactly.
        let fraction = UInt128(last * 0x1p52)
        let starts = (0 ..< clipCount).map { Int(fraction * UInt128($0 * sampleRate) / (UInt128(steps) << 52)) }
        sampleRanges = starts.map { min($0, sampleCount) ..< min($0 + clipSeconds * sampleRate, sampleCount) }
        startTimes = (0 ..< clipCount).map { last * Double($0) / Double(steps) }
    }
}
