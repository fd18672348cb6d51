import Testing
import VisualAnalysis

@Suite struct GlobalMotionTests {
    private func fit(_ later: Scene, from earlier: Scene = Scene(seed: 9)) -> GlobalMotion.Fit {
        GlobalMotion.fit(from: SmoothPicture(earlier.thumbnail), to: SmoothPicture(later.thumbnail))
    }

    @Test func findsAShift() {
        let motion = fit(Scene(seed: 9, shiftX: 1.5, shiftY: -0.75)).motion
        #expect(abs(motion.shiftX - 1.5) < 0.1 && abs(motion.shiftY + 0.75) < 0.1 && abs(motion.zoom) < 0.005)
    }

    @Test func findsAZoom() {
        let motion = fit(Scene(seed: 9, zoom: 0.04)).motion
        #expect(abs(motion.zoom - 0.04) < 0.005 && abs(motion.shiftX) < 0.1)
    }

    @Test func findsLight() {
        let motion = fit(Scene(seed: 9, light: 20, gain: 0.8)).motion
        #expect(abs(motion.gain - 0.8) < 0.03 && abs(motion.offset - 20) < 4)
    }

    @Test func aBodyDoesNotPullTheCamera() {
        let motion = fit(Scene(seed: 9, boxes: [(30, 8, 10, 20, 10)]), from: Scene(seed: 9, boxes: [(22, 8, 10, 20, 10)])).motion
        #expect(abs(motion.shiftX) < 0.2 && abs(motion.zoom) < 0.01)
    }

    @Test func anotherSceneIsNotExplained() {
        let fit = fit(Scene(seed: 10))
        #expect(fit.after > 0.5 * fit.before)
    }
}
