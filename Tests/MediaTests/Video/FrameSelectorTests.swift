import Media
import Testing

@Suite struct FrameSelectorTests {
    /// Runs the selector over frame times; the time of the frame for each target.
    private func chosen(_ times: [Double], targets: [Double], duration: Double) -> [Double] {
        var selector = FrameSelector(targets: targets)
        var held = 0.0
        var result: [Double] = []
        for time in times {
            let step = selector.offer(seconds: time)
            result += step.answered.map { _ in held }
            if step.holds { held = time }
        }
        return result + selector.finish(durationSeconds: duration).map { _ in held }
    }

    @Test func takesTheFrameThatIsOnScreen() {
        let times = (0..<100).map { Double($0) * 0.1 }
        #expect(chosen(times, targets: [0, 2, 4.05], duration: 10) == [0, times[20], times[40]])
    }

    @Test func aFrameStampedAMillisecondLateIsTheTargets() {
        #expect(chosen([0, 1.0, 2.001, 3.0], targets: [0, 2], duration: 4) == [0, 2.001])
        #expect(chosen([0, 1.0, 2.0011, 3.0], targets: [0, 2], duration: 4) == [0, 1.0])
    }

    @Test func ofEqualTimesTheLastInOutputOrderIsTaken() {
        var selector = FrameSelector(targets: [0, 1])
        #expect(selector.offer(seconds: 0).holds)
        #expect(selector.offer(seconds: 1).answered == 0..<1)
        let repeated = selector.offer(seconds: 1)
        #expect(repeated.holds && repeated.answered.isEmpty)
        #expect(selector.finish(durationSeconds: 2) == 1..<2)
    }

    @Test func aFrameThatGoesBackInTimeIsPassedOver() {
        var selector = FrameSelector(targets: [0, 2])
        _ = selector.offer(seconds: 0)
        _ = selector.offer(seconds: 1.9)
        #expect(!selector.offer(seconds: 0.5).holds)
        #expect(selector.offer(seconds: 2.5).answered == 1..<2)
    }

    @Test func aLongPauseAnswersSeveralTargetsWithOneFrame() {
        #expect(chosen([0, 0.5, 9], targets: [0, 2, 4, 6, 8, 10], duration: 13) == [0, 0.5, 0.5, 0.5, 0.5, 9])
    }

    @Test func aSingleFrameAnswersOnlyTheFirstTarget() {
        #expect(chosen([0], targets: [0, 2, 4], duration: 0) == [0])
    }

    @Test func targetsAtOrPastTheEndAreLeftOut() {
        #expect(chosen([0, 1], targets: [0, 2, 4], duration: 2) == [0])
        #expect(chosen([0, 1, 2], targets: [0, 2, 4], duration: 3) == [0, 2])
    }

    @Test func noFramesAnswerNothing() {
        #expect(chosen([], targets: [0, 2], duration: 0).isEmpty)
    }
}
