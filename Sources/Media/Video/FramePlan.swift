/// Which packets must be decoded to have the frames that are on screen at the targets. Made from time stamps alone, without a picture.
///
/// The frame rule is `FrameSelector`'s and the times are `PresentationClock`'s: a plan names the very frames that a full decode would take.
/// A video whose stamps do not tell its frames for sure has no plan (`Refusal`), and is decoded in full.
package struct FramePlan: Hashable, Sendable {
    /// One packet of the video stream.
    package struct Packet: Hashable, Sendable {
        /// Presentation time stamp, in ticks.
        package var stamp: Int64
        /// False for packets that only serve others: cut off by an edit list, or never shown (VP8's and VP9's hidden frames).
        package var isShown: Bool
        /// True where a decoder can start with this packet, and every picture that follows it in output order comes out exact.
        package var isStart: Bool
        /// False where no other picture is predicted from this one: it may be passed over.
        package var isReferenced: Bool
        /// Compressed, in bytes.
        package var size: Int32

        package init(stamp: Int64, isShown: Bool = true, isStart: Bool = false, isReferenced: Bool = true, size: Int32 = 0) {
            self.stamp = stamp
            self.isShown = isShown
            self.isStart = isStart
            self.isReferenced = isReferenced
            self.size = size
        }
    }

    /// Why there is no plan.
    package enum Refusal: Error, Hashable, Sendable {
        case noPackets
        /// A packet without a time stamp, or two of one time: which frame is which is then the decoder's to say.
        case missingStamps
        case repeatedStamps
        /// The stream does not begin with a picture that stands alone, or pictures shown before it follow it.
        case noCleanStart
        /// Order of decoding and order of display have nothing to do with each other: joined files, damaged stamps.
        case disorder
        /// The count of time begins anew in the stream.
        case newCount
        /// Damage, or packets that are not one picture each.
        case unclearPackets
        /// The codec, or its way of coding, is none that plans are made for.
        case unsuitedCodec
        case tooManyPackets
    }

    /// A frame that is taken, or that describes the stream.
    package struct Wanted: Hashable, Sendable {
        /// Position of its packet in decode order.
        package var packet: Int
        package var stamp: Int64
        /// Position in display order, and seconds from the first displayed frame.
        package var index: Int
        package var seconds: Double
        /// The targets that it answers; empty for a first frame that none falls on.
        package var targets: Range<Int>
    }

    /// A frame's place in display order, and its seconds from the first displayed frame.
    package struct Place: Hashable, Sendable {
        package var index: Int
        package var seconds: Double
    }

    /// In decode order.
    package private(set) var wanted: [Wanted] = []
    /// Stretches of packets, in decode order. Each begins with a packet that the decoder can start with.
    package private(set) var runs: [Range<Int>] = []
    /// The stretches that wanted frames need, of which `runs` are made. What a survey decodes beyond them is for its looks alone, and need not be exact.
    package private(set) var exactRuns: [Range<Int>] = []
    /// Unreferenced packets that are decoded all the same: those of wanted frames, and of a survey.
    package private(set) var decodedUnreferenced: Set<Int> = []
    /// For a survey: the place of each frame, by its stamp. Otherwise empty.
    package private(set) var places: [Int64: Place] = [:]
    /// Frames of the video, up to the limits.
    package private(set) var frameCount = 0
    package private(set) var durationSeconds = 0.0
    package private(set) var framesPerSecond: Double?
    /// A limit of time or frames ends the video before its end.
    package private(set) var isTruncated = false

    /// No codec reorders by more: H.264 and HEVC keep at most 16 pictures, fields counted apart.
    private static let largestReordering = 32

    /// - Parameters:
    ///   - packets: all packets of the stream, in decode order; at least up to the first that is past the limits.
    ///   - clock: the stream's, unused.
    ///   - targets: seconds, ascending.
    ///   - survey: how densely the whole video is looked at; nil where only the targets' frames are wanted.
    package init(packets: [Packet], clock: PresentationClock, targets: [Double], maximumFrames: Int, maximumSeconds: Double,
                 survey: FrameSurvey? = nil) throws(Refusal) {
        guard let first = packets.first else { throw .noPackets }
        guard first.isStart else { throw .noCleanStart }
        let order = try Self.displayOrder(packets)
        guard let earliest = order.first else { throw .noPackets }
        guard packets[earliest].stamp >= first.stamp else { throw .noCleanStart }
        let seconds = try choose(packets, order, clock, targets, maximumFrames, maximumSeconds)
        wanted.sort { $0.packet < $1.packet }
        decodedUnreferenced = Set(wanted.lazy.map(\.packet).filter { !packets[$0].isReferenced })
        exactRuns = Self.runs(to: wanted, packets)
        guard let survey else {
            runs = exactRuns
            return
        }
        let frames = order.prefix(frameCount)
        decodedUnreferenced.formUnion(survey.unreferenced(in: packets, displayOrder: frames, seconds: seconds))
        for (index, packet) in frames.enumerated() { places[packets[packet].stamp] = Place(index: index, seconds: seconds[index]) }
        runs = [0..<(frames.max() ?? 0) + 1]
    }

    /// Positions of the shown packets, by time.
    private static func displayOrder(_ packets: [Packet]) throws(Refusal) -> [Int] {
        let shown = packets.indices.filter { packets[$0].isShown }
        let order = shown.sorted { (packets[$0].stamp, $0) < (packets[$1].stamp, $1) }
        for (earlier, later) in zip(order, order.dropFirst()) where packets[earlier].stamp == packets[later].stamp { throw .repeatedStamps }
        // The position among shown packets of each; hidden ones do not count.
        var rank = [Int](repeating: 0, count: packets.count)
        for (position, packet) in shown.enumerated() { rank[packet] = position }
        for (position, packet) in order.enumerated() where abs(rank[packet] - position) > largestReordering { throw .disorder }
        return order
    }

    /// Lets the frames' times pass by, as a full decode does with the frames.
    ///
    /// - Returns: seconds of each frame within the limits, in display order.
    private mutating func choose(_ packets: [Packet], _ order: [Int], _ clock: PresentationClock, _ targets: [Double], _ maximumFrames: Int,
                                 _ maximumSeconds: Double) throws(Refusal) -> [Double] {
        var clock = clock, selector = FrameSelector(targets: targets)
        var held: Wanted?
        var seconds: [Double] = []
        func answer(_ answered: Range<Int>) {
            guard var frame = held, !answered.isEmpty || frame.index == 0 && wanted.isEmpty else { return }
            frame.targets = answered
            wanted.append(frame)
        }
        for (index, packet) in order.enumerated() {
            let stamp = packets[packet].stamp
            let tick = clock.tick(ofStamp: stamp)
            guard tick.ticks == stamp else { throw .newCount }
            guard index < maximumFrames, tick.seconds <= maximumSeconds else {
                isTruncated = true
                break
            }
            clock.count(tick)
            seconds.append(tick.seconds)
            answer(selector.offer(seconds: tick.seconds).answered)
            if selector.wantsMore { held = Wanted(packet: packet, stamp: stamp, index: index, seconds: tick.seconds, targets: 0..<0) }
        }
        durationSeconds = clock.durationSeconds
        framesPerSecond = clock.framesPerSecond
        frameCount = clock.frameCount
        answer(selector.finish(durationSeconds: durationSeconds))
        return seconds
    }

    private static func runs(to wanted: [Wanted], _ packets: [Packet]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for frame in wanted {
            // A picture that is shown before the packet it follows needs what came before that packet: it starts one further back.
            var start = (0...frame.packet).last { packets[$0].isStart && packets[$0].stamp <= frame.stamp } ?? 0
            while let last = runs.last, start <= last.upperBound {
                start = min(start, last.lowerBound)
                runs.removeLast()
            }
            runs.append(start..<frame.packet + 1)
        }
        return runs
    }
}
