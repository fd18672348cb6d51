/// How densely a whole video is looked at: every picture that others refer to, since decoding needs it anyhow, and of the rest as many as it takes.
public struct FrameSurvey: Hashable, Sendable {
    /// Seconds between neighbouring looks, at most, where the video has as many frames.
    ///
    /// An eighth of a second is three frames at 24 a second.
    public var largestGapSeconds = 0.125

    /// A packet so many times as large as its larger fellows may begin a new shot: the frames before it are all looked at.
    private static let suspectRatio = 1.5
    private static let fellows = 9

    public init() {}

    /// Unreferenced packets that are decoded.
    ///
    /// - Parameters:
    ///   - displayOrder: positions in `packets` of the frames, by time.
    ///   - seconds: of each of those frames.
    func unreferenced(in packets: [FramePlan.Packet], displayOrder: ArraySlice<Int>, seconds: [Double]) -> Set<Int> {
        let suspects = suspects(in: packets)
        let order = Array(displayOrder)
        var result: Set<Int> = []
        // Frames since the last referenced one.
        var between: [Int] = []
        var lastReferenced = -Double.infinity
        func close(until end: Double, isSuspect: Bool) {
            var lastLook = lastReferenced
            for (position, frame) in between.enumerated() {
                let next = position + 1 < between.count ? seconds[between[position + 1]] : end
                guard isSuspect || next - lastLook > largestGapSeconds + FrameSelector.toleranceSeconds else { continue }
                result.insert(order[frame])
                lastLook = seconds[frame]
            }
            between = []
        }
        for frame in order.indices {
            if packets[order[frame]].isReferenced {
                close(until: seconds[frame], isSuspect: suspects.contains(order[frame]))
                lastReferenced = seconds[frame]
            } else {
                between.append(frame)
            }
        }
        close(until: .infinity, isSuspect: false)
        return result
    }

    /// Referenced packets that are much larger than those before them, in decode order: what is shown there cannot be told from what was shown before.
    private func suspects(in packets: [FramePlan.Packet]) -> Set<Int> {
        var recent: [Int32] = []
        var result: Set<Int> = []
        for (position, packet) in packets.enumerated() where packet.isReferenced {
            // P-pictures are larger than referenced B-pictures: the third quartile is one of theirs.
            let usual = recent.isEmpty ? 0 : recent.sorted()[recent.count * 3 / 4]
            if packet.isStart || Double(packet.size) > Self.suspectRatio * Double(usual) { result.insert(position) }
            recent.append(packet.size)
            if recent.count > Self.fellows { recent.removeFirst() }
        }
        return result
    }
}
