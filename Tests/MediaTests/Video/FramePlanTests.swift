import Media
import Testing

@Suite struct FramePlanTests {
    private typealias Packet = FramePlan.Packet

    /// Ticks of a millisecond.
    private func plan(_ packets: [FramePlan.Packet], targets: [Double], frames: Int = 1000, seconds: Double = 600, survey: FrameSurvey? = nil) throws -> FramePlan {
        try FramePlan(packets: packets, clock: PresentationClock(secondsPerTick: 0.001, nominalFramesPerSecond: 25), targets: targets,
                      maximumFrames: frames, maximumSeconds: seconds, survey: survey)
    }

    private func refusal(_ packets: [FramePlan.Packet]) -> FramePlan.Refusal? {
        do {
            _ = try plan(packets, targets: [0])
            return nil
        } catch {
            return error as? FramePlan.Refusal
        }
    }

    /// Pictures at 25 a second in the order of display, a start every `group` of them.
    private func simple(_ count: Int, group: Int) -> [FramePlan.Packet] {
        (0..<count).map { Packet(stamp: Int64($0 * 40), isStart: $0 % group == 0) }
    }

    /// I0 P4 B2 b1 b3 and so on, at 25 a second: of four pictures two are unreferenced.
    private func pyramid(groups: Int, size: (Int) -> Int32 = { _ in 1000 }) -> [FramePlan.Packet] {
        var packets = [Packet(stamp: 0, isStart: true, size: 5000)]
        for group in 0..<groups {
            let base = Int64(group * 160)
            packets.append(Packet(stamp: base + 160, size: size(group)))
            packets.append(Packet(stamp: base + 80, size: 500))
            packets.append(Packet(stamp: base + 40, isReferenced: false, size: 100))
            packets.append(Packet(stamp: base + 120, isReferenced: false, size: 100))
        }
        return packets
    }

    @Test func decodesFromTheLastStartBeforeEachTarget() throws {
        let plan = try plan(simple(200, group: 10), targets: [0, 2, 4])
        #expect(plan.wanted.map(\.index) == [0, 50, 100])
        #expect(plan.wanted.map(\.targets) == [0..<1, 1..<2, 2..<3])
        // A start is its own run, unless it follows the one before at once.
        #expect(plan.runs == [0..<1, 50..<51, 100..<101])
        #expect(plan.frameCount == 200 && abs(plan.durationSeconds - 8) < 1e-9)
    }

    @Test func goesOnWhereTheNextTargetIsInTheSameGroup() throws {
        let plan = try plan(simple(200, group: 150), targets: [0, 2, 4, 7])
        #expect(plan.runs == [0..<101, 150..<176])
    }

    @Test func aSurveyDecodesEverythingAndOnlyWhatWantedFramesNeedMustBeExact() throws {
        let plan = try plan(simple(200, group: 10), targets: [0, 2, 4], survey: FrameSurvey())
        #expect(plan.runs == [0..<200])
        #expect(plan.exactRuns == [0..<1, 50..<51, 100..<101])
    }

    @Test func theFirstFrameIsDecodedEvenWithoutATarget() throws {
        let plan = try plan(simple(100, group: 25), targets: [3])
        #expect(plan.wanted.map(\.index) == [0, 75])
        #expect(plan.wanted[0].targets.isEmpty && plan.runs == [0..<1, 75..<76])
    }

    @Test func picturesThatNothingRefersToArePassedOverUnlessTheyAreWanted() throws {
        let plan = try plan(pyramid(groups: 20), targets: [0, 1.08, 2])
        // 1.08 s is frame 27, unreferenced; 2 s is frame 50, referenced.
        #expect(plan.wanted.map(\.index) == [0, 27, 50])
        #expect(plan.decodedUnreferenced == [plan.wanted[1].packet])
        #expect(plan.places.isEmpty)
    }

    @Test func aPictureShownBeforeTheStartItFollowsIsDecodedFromOneFurtherBack() throws {
        // Open group: the pictures at 80 and 120 follow the start at 160.
        let packets = [Packet(stamp: 0, isStart: true), Packet(stamp: 40), Packet(stamp: 160, isStart: true), Packet(stamp: 80), Packet(stamp: 120),
                       Packet(stamp: 200), Packet(stamp: 240)]
        #expect(try plan(packets, targets: [0, 0.12]).runs == [0..<5])
        #expect(try plan(packets, targets: [0, 0.2]).runs == [0..<1, 2..<6])
        // Also where the start itself was wanted, and would have begun a run.
        #expect(try plan(packets, targets: [0, 0.12, 0.16]).runs == [0..<5])
    }

    @Test func hiddenPacketsAreNoFrames() throws {
        var packets = simple(50, group: 50)
        packets.insert(Packet(stamp: 400, isShown: false), at: 10)
        let plan = try plan(packets, targets: [0, 1])
        #expect(plan.frameCount == 50 && plan.wanted.map(\.index) == [0, 25] && plan.runs == [0..<27])
    }

    @Test func limitsEndTheVideoAsInAFullDecode() throws {
        let few = try plan(simple(100, group: 1), targets: [0, 1, 2], frames: 30)
        #expect(few.isTruncated && few.frameCount == 30 && few.wanted.map(\.index) == [0, 25])
        let short = try plan(simple(100, group: 1), targets: [0, 1, 2, 3], seconds: 2)
        #expect(short.isTruncated && short.frameCount == 51 && short.wanted.map(\.index) == [0, 25, 50])
    }

    @Test func thereIsNoPlanWhereStampsDoNotTellTheFrames() {
        #expect(refusal([]) == .noPackets)
        #expect(refusal([Packet(stamp: 0), Packet(stamp: 40)]) == .noCleanStart)
        #expect(refusal([Packet(stamp: 80, isStart: true), Packet(stamp: 0), Packet(stamp: 40)]) == .noCleanStart)
        #expect(refusal([Packet(stamp: 0, isStart: true), Packet(stamp: 40), Packet(stamp: 40)]) == .repeatedStamps)
        #expect(refusal([Packet(stamp: 0, isStart: true), Packet(stamp: 400_000)]) == .newCount)
        let joined = (0..<60).map { Packet(stamp: 10_000 + Int64($0), isStart: $0 == 0) } + (0..<60).map { Packet(stamp: 10_500 - Int64($0)) }
        #expect(refusal(joined) == .disorder)
    }

    @Test func extremeStampsAreNoTrap() {
        for stamps in [[Int64.min, .max], [.max, .min], [.min, 0], [0, .max]] {
            _ = refusal([Packet(stamp: stamps[0], isStart: true), Packet(stamp: stamps[1])])
        }
    }

    @Test func aSurveyLooksAtReferencedPicturesAndKeepsGapsSmall() throws {
        let plan = try plan(pyramid(groups: 20), targets: [0], survey: FrameSurvey())
        #expect(plan.decodedUnreferenced.isEmpty)
        #expect(plan.places.count == 81 && plan.places[160]?.index == 4 && plan.places[160]?.seconds == 0.16)
        #expect(plan.runs == [0..<81])
        var dense = FrameSurvey()
        dense.largestGapSeconds = 0.05
        #expect(try self.plan(pyramid(groups: 20), targets: [0], survey: dense).decodedUnreferenced.count == 40)
    }

    @Test func aSurveyLooksAtEveryPictureBeforeALargePacket() throws {
        let packets = pyramid(groups: 20) { $0 == 12 ? 8000 : 1000 }
        let plan = try plan(packets, targets: [0], survey: FrameSurvey())
        // The large one is shown at 2.08 s, right after the unreferenced one at 2.04 s.
        #expect(plan.decodedUnreferenced.map { packets[$0].stamp } == [2040])
    }
}
