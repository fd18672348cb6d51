import Testing
import VisualAnalysis

@Suite struct StaticVerdictTests {
    private func verdict(_ seconds: Double = 12, _ picture: (Double, Int) -> Thumbnail) -> StaticVerdict {
        Scene.analyse(seconds: seconds, picture).verdict
    }

    @Test func oneImageIsStatic() {
        let verdict = verdict { _, _ in Scene().thumbnail }
        #expect(verdict.isStatic && verdict.kind == .singleImage && verdict.confidence > 0.95 && !verdict.reasons.isEmpty)
    }

    @Test func grainAndFlickerOverAnImageAreStatic() {
        let grain = verdict { _, index in Scene(noise: 6, noiseSeed: index).thumbnail }
        #expect(grain.isStatic && grain.kind == .grainOrFlicker)
        let flicker = verdict { _, index in Scene(light: Double(index % 9) * 4, gain: 0.9).thumbnail }
        #expect(flicker.isStatic && flicker.kind == .grainOrFlicker)
    }

    @Test func zoomingAndPanningOverAnImageIsStatic() {
        let zoom = verdict { time, _ in Scene(zoom: time * 0.015).thumbnail }
        #expect(zoom.isStatic && zoom.kind == .zoomOrPan)
        let pan = verdict { time, _ in Scene(shiftX: time * 0.8, shiftY: -time * 0.2).thumbnail }
        #expect(pan.isStatic && pan.kind == .zoomOrPan)
    }

    @Test func slidesAreStaticWithCutsAndWithDissolves() {
        let hard = verdict { time, _ in Scene(seed: Int(time / 3)).thumbnail }
        #expect(hard.isStatic && hard.kind == .slideshow)
        let soft = verdict { time, _ in
            let slide = Int(time / 4), within = time - Double(slide) * 4
            return Scene.blend(Scene(seed: slide).thumbnail, Scene(seed: slide + 1).thumbnail, share: max(0, within - 3))
        }
        #expect(soft.isStatic && soft.kind == .slideshow)
    }

    @Test func wordsOverAnImageAreStatic() {
        let verdict = verdict { time, _ in
            let line = Int(time / 2)
            return Scene(boxes: [(10 + line % 3, 27, 40 - line % 4 * 3, 2, 235), (12, 30, 38, 2, 235)].filter { _ in line % 3 != 2 }).thumbnail
        }
        #expect(verdict.isStatic && verdict.kind == .textOverStill)
    }

    @Test func barsThatFollowTheSoundAreStatic() {
        let verdict = verdict { _, index in
            Scene(boxes: (0..<10).map { bar in
                let height = Int(2 + 7 * Scene.random(index &* 131 &+ bar))
                return (12 + bar * 4, 34 - height, 3, height, 240)
            }).thumbnail
        }
        #expect(verdict.isStatic && verdict.kind == .visualiserOverStill)
    }

    @Test func oneColourIsBlank() {
        let verdict = verdict { _, _ in Scene.black() }
        #expect(verdict.isStatic && verdict.kind == .blank)
    }

    @Test func aBodyThatWalksBeforeAFixedCameraIsMoving() {
        let verdict = verdict { time, _ in Scene(boxes: [(Int(time * 4), 12, 7, 18, 20)]).thumbnail }
        #expect(!verdict.isStatic && verdict.kind == .moving && verdict.confidence > 0.6)
    }

    @Test func aBodyThatSwaysInPlaceIsMoving() {
        let verdict = verdict { time, _ in
            let phase = (time * 0.7).truncatingRemainder(dividingBy: 2), sway = phase < 1 ? phase : 2 - phase
            return Scene(boxes: [(24 + Int(sway * 8), 10, 10, 24, 25), (20 + Int(sway * 14), 16, 4, 4, 200)]).thumbnail
        }
        #expect(!verdict.isStatic)
    }

    @Test func motionAfterALongStillIsMoving() {
        let verdict = verdict { time, _ in time < 8 ? Scene(seed: 4).thumbnail : Scene(seed: 5, boxes: [(Int((time - 8) * 12), 8, 10, 20, 20)]).thumbnail }
        #expect(!verdict.isStatic)
        #expect(verdict.reasons.contains { $0.contains("still") })
    }

    @Test func theSamePicturesGiveTheSameFeatures() {
        func run() -> VisualFeatures { Scene.analyse(seconds: 5) { time, index in Scene(seed: index / 40, zoom: time * 0.01, noise: 3, noiseSeed: index).thumbnail } }
        #expect(run() == run())
    }
}
