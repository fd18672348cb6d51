/// Turns the time stamps of decoded frames, some of them missing, into seconds from the first displayed frame.
package struct PresentationClock: Sendable {
    private let secondsPerTick: Double
    /// What a frame is taken to last when its stamp is missing, in ticks.
    private let nominalStep: Int64
    /// Where a stream starts to count anew (joined files, a damaged stamp), this carries its count on, in ticks.
    private var rebase: Int64 = 0
    private var first: Int64?
    private var stamps: [Int64] = []

    /// A step further than these, backward or forward, is a new count and no pause. FFmpeg's own limit backward is 10 s too.
    private static let largestStepBackSeconds = 10.0
    private static let largestPauseSeconds = 300.0

    /// - Parameters:
    ///   - secondsPerTick: the stream's time base.
    ///   - nominalFramesPerSecond: the container's frame rate, for frames without a time stamp; 25 when it states none.
    package init(secondsPerTick: Double, nominalFramesPerSecond: Double?) {
        let tick = secondsPerTick > 0 && secondsPerTick.isFinite ? secondsPerTick : 1.0 / 90_000
        self.secondsPerTick = tick
        var rate = nominalFramesPerSecond ?? 25
        if !(rate >= 0.001 && rate <= 1000) { rate = 25 }
        let ticks = (1 / (rate * tick)).rounded()
        nominalStep = ticks >= 1 && ticks < 1e15 ? Int64(ticks) : 1
    }

    package var frameCount: Int { stamps.count }

    /// Seconds of the next frame in output order; 0 for the first. Does not count the frame: see `count(_:)`.
    package mutating func tick(ofStamp stamp: Int64?) -> Tick {
        guard let last = stamps.last, let first else { return Tick(ticks: stamp ?? 0, seconds: 0) }
        var ticks = stamp.map { $0 &+ rebase } ?? last &+ nominalStep
        // Differences of hostile stamps may overflow an integer, not a floating-point number.
        let step = (Double(ticks) - Double(last)) * secondsPerTick
        if step < -Self.largestStepBackSeconds || step > Self.largestPauseSeconds {
            let expected = last &+ nominalStep
            rebase = rebase &+ (expected &- ticks)
            ticks = expected
        }
        return Tick(ticks: ticks, seconds: max(0, (Double(ticks) - Double(first)) * secondsPerTick))
    }

    /// A frame's place in time.
    package struct Tick: Hashable, Sendable {
        package fileprivate(set) var ticks: Int64
        package var seconds: Double
    }

    /// Counts a frame that is kept.
    package mutating func count(_ tick: Tick) {
        first = first ?? tick.ticks
        stamps.append(tick.ticks)
    }

    /// Median of the steps between frames in order of time, in seconds; nil with fewer than two frames.
    package var medianStepSeconds: Double? {
        guard stamps.count > 1 else { return nil }
        let sorted = stamps.sorted()
        var steps = zip(sorted.dropFirst(), sorted).map { Double($0) - Double($1) }
        steps.sort()
        let middle = steps.count / 2
        let median = steps.count % 2 == 1 ? steps[middle] : (steps[middle - 1] + steps[middle]) / 2
        return median * secondsPerTick
    }

    /// Time of the last frame plus the median step, in seconds; 0 for a single frame.
    package var durationSeconds: Double {
        guard let last = stamps.max(), let first, let step = medianStepSeconds else { return 0 }
        return max(0, (Double(last) - Double(first)) * secondsPerTick) + step
    }

    /// Frames per second over the whole, from the frames' own times; nil where they do not say.
    package var framesPerSecond: Double? {
        let duration = durationSeconds
        return duration > 0 && stamps.count > 1 ? Double(stamps.count) / duration : nil
    }
}
