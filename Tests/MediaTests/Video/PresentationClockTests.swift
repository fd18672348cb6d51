import Media
import Testing

@Suite struct PresentationClockTests {
    private func times(_ stamps: [Int64?], tick: Double = 0.001, rate: Double? = 25) -> (seconds: [Double], clock: PresentationClock) {
        var clock = PresentationClock(secondsPerTick: tick, nominalFramesPerSecond: rate)
        let seconds = stamps.map { stamp in
            let tick = clock.tick(ofStamp: stamp)
            clock.count(tick)
            return tick.seconds
        }
        return (seconds, clock)
    }

    @Test func countsFromTheFirstDisplayedFrame() {
        let (seconds, clock) = times([13_700, 13_740, 13_780])
        #expect(seconds == [0, 0.04, 0.08])
        #expect(abs(clock.durationSeconds - 0.12) < 1e-9)
    }

    @Test func aMissingStampFollowsAtTheFrameRate() {
        #expect(times([0, nil, 80, nil]).seconds == [0, 0.04, 0.08, 0.12])
        #expect(times([nil, nil], rate: nil).seconds == [0, 0.04])
    }

    @Test func aSingleFrameHasNoDuration() {
        let (_, clock) = times([5000])
        #expect(clock.durationSeconds == 0)
        #expect(clock.framesPerSecond == nil)
    }

    @Test func durationIsTheLastTimeAndTheMedianStep() {
        let (_, clock) = times([0, 40, 80, 1000, 1040])
        #expect(abs(clock.durationSeconds - 1.08) < 1e-9)
    }

    @Test func joinedFilesThatCountAnewGoOn() {
        let (seconds, _) = times([0, 20_000, 0, 40])
        #expect(zip(seconds, [0, 20, 20.04, 20.08]).allSatisfy { abs($0 - $1) < 1e-9 })
    }

    @Test func oneWildStampDoesNotSpoilTheRest() {
        let (seconds, _) = times([0, 40, Int64.max, 120, 160])
        #expect(seconds[2] <= 1 && seconds.last! < 2)
    }

    @Test func absurdTimeBasesAreReplaced() {
        #expect(times([0, 90_000], tick: 0, rate: .nan).seconds == [0, 1])
        #expect(times([Int64.min, Int64.max], tick: .infinity).seconds.allSatisfy { $0.isFinite })
    }
}
