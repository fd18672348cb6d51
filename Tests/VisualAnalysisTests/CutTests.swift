import Testing
import VisualAnalysis

@Suite struct CutTests {
    /// A shot with a body that walks.
    private func shot(_ seed: Int, _ time: Double) -> Scene {
        Scene(seed: seed, boxes: [(Int(time * 9) % 50, 10, 8, 20, 20)])
    }

    @Test func aCutIsTheFirstFrameOfTheNewShot() {
        let features = Scene.analyse(seconds: 6) { time, index in shot(index < 50 ? 1 : index < 77 ? 2 : 3, time).thumbnail }
        #expect(features.cuts == [2.0, 3.08])
        #expect(features.transitions.isEmpty)
        #expect(abs(features.averageShotSeconds - 2) < 0.1)
    }

    @Test func cutsOnEveryBeatAreAllFound() {
        let features = Scene.analyse(seconds: 6) { time, index in shot(index / 12, time).thumbnail }
        #expect(features.cuts == (1...12).map { Double($0 * 12) / 25 })
    }

    @Test(arguments: [1, 2, 4]) func aFlashIsNoCut(frames: Int) {
        let features = Scene.analyse(seconds: 4) { time, index in
            var scene = shot(1, time)
            if (40..<40 + frames).contains(index) { scene.light = 90 }
            return scene.thumbnail
        }
        #expect(features.cuts.isEmpty)
    }

    @Test func aFastPanIsNoCut() {
        let features = Scene.analyse(seconds: 4) { time, _ in Scene(seed: 3, shiftX: time < 2 ? 0 : min((time - 2) * 60, 40)).thumbnail }
        #expect(features.cuts.isEmpty)
    }

    @Test func aChangeOfLightIsNoCut() {
        let features = Scene.analyse(seconds: 4) { time, _ in Scene(seed: 3, light: time < 2 ? 0 : 35).thumbnail }
        #expect(features.cuts.isEmpty)
    }

    @Test func cutsInDarkFootageAreFound() {
        let features = Scene.analyse(seconds: 4) { time, index in Scene(seed: index < 50 ? 1 : 2, light: 5, gain: 0.15).thumbnail }
        #expect(features.cuts == [2.0])
    }

    @Test func aDissolveIsATransitionAndNoCut() {
        let features = Scene.analyse(seconds: 6) { time, _ in
            Scene.blend(Scene(seed: 1).thumbnail, Scene(seed: 2).thumbnail, share: min(max((time - 2.5) / 1.2, 0), 1))
        }
        #expect(features.cuts.isEmpty)
        #expect(features.transitions.count == 1)
        #expect(features.transitions.first?.kind == .dissolve)
        #expect(abs((features.transitions.first?.startSeconds ?? 0) - 2.5) <= 0.4)
        #expect(abs((features.transitions.first?.endSeconds ?? 0) - 3.7) <= 0.4)
    }

    @Test func aFadeThroughBlackIsOneTransitionWithItsBlackSegment() {
        let features = Scene.analyse(seconds: 8) { time, _ in
            time < 4.4 ? Scene.blend(Scene(seed: 1).thumbnail, Scene.black(), share: min(max(time - 3, 0), 1))
                : Scene.blend(Scene.black(), Scene(seed: 2).thumbnail, share: min(time - 4.4, 1))
        }
        #expect(features.cuts.isEmpty)
        #expect(features.transitions.map(\.kind) == [.fade])
        #expect(features.blackSegments.count == 1)
        #expect(abs((features.blackSegments.first?.startSeconds ?? 0) - 4) <= 0.2)
    }

    @Test func oneFrameOrNoneIsNoTrouble() {
        #expect(Scene.analyse(seconds: 0) { _, _ in Scene.black() }.cuts.isEmpty)
        #expect(Scene.analyse(seconds: 0.05) { _, _ in Scene.black() }.verdict.isStatic)
    }

    @Test func picturesThatChangeTheirSizeAreTakenAsACut() {
        let features = Scene.analyse(seconds: 2) { _, index in
            index < 25 ? Scene(seed: 1).thumbnail
                : Thumbnail(width: 64, height: 48, luma: .init(repeating: 90, count: 3072), blueDifference: .init(repeating: 128, count: 3072),
                            redDifference: .init(repeating: 128, count: 3072))
        }
        #expect(features.cuts == [1.0])
    }
}
