/// Says which displayed frame is on screen at each target, while frames pass by in output order.
///
/// The rule: the frame of a target is the last one whose time is not later than the target by more than a millisecond; of frames with equal
/// times the last in output order. A state machine without pictures: the owner keeps the picture that the selector calls *held*.
package struct FrameSelector: Sendable {
    /// Containers count in milliseconds, or in 1/90000 s: a frame meant for the target may be stamped this much after it.
    package static let toleranceSeconds = 0.001

    private let targets: [Double]
    private var next = 0
    private var heldSeconds: Double?
    private var frames = 0

    /// - Parameter targets: seconds from the first displayed frame, ascending.
    package init(targets: [Double]) {
        self.targets = targets
    }

    /// True while a further frame can still be the answer to a target.
    package var wantsMore: Bool { next < targets.count }

    package struct Step: Hashable, Sendable {
        /// Indices of the targets that the frame held so far answers.
        package var answered: Range<Int>
        /// Whether the frame now offered becomes the held one.
        package var holds: Bool
    }

    /// - Parameter seconds: the new frame's time. A frame earlier than the held one (damaged time stamps) is passed over.
    package mutating func offer(seconds: Double) -> Step {
        frames += 1
        guard let held = heldSeconds else {
            heldSeconds = seconds
            return Step(answered: next..<next, holds: true)
        }
        guard seconds >= held else { return Step(answered: next..<next, holds: false) }
        let first = next
        while next < targets.count, targets[next] + Self.toleranceSeconds < seconds { next += 1 }
        heldSeconds = seconds
        return Step(answered: first..<next, holds: true)
    }

    /// The targets that the last held frame answers.
    ///
    /// - Parameter durationSeconds: time of the last frame plus the median step; 0 for a single frame.
    package mutating func finish(durationSeconds: Double) -> Range<Int> {
        let first = next
        guard heldSeconds != nil else { return first..<first }
        if frames == 1 {
            while next < targets.count, targets[next] <= Self.toleranceSeconds { next += 1 }
        } else {
            // Half a microsecond: what sums of decimal fractions may be off by.
            while next < targets.count, targets[next] < durationSeconds - 0.000_000_5 { next += 1 }
        }
        return first..<next
    }
}
