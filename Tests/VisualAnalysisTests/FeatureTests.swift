import Testing
import VisualAnalysis

/// Camera, bars, text and colours of transitions.
@Suite struct FeatureTests {
    @Test func aZoomHasItsSignAndSize() {
        let features = Scene.analyse(seconds: 6) { time, _ in Scene(seed: 9, zoom: time * 0.02).thumbnail }
        #expect(features.zoomPerSecond.count == 6)
        #expect(features.zoomPerSecond.allSatisfy { abs(($0 ?? 0) - 0.02) < 0.005 })
        #expect(features.cameraSegments.map(\.movement) == [.zoomIn])
        #expect((features.cameraSegments.first?.zoomPerSecond ?? 0) > 0)
    }

    @Test func aPanHasItsSignAndSize() {
        // Content goes 1.28 of 64 samples to the left a second: the camera looks to the right.
        let features = Scene.analyse(seconds: 6) { time, _ in Scene(seed: 9, shiftX: -1.28 * time).thumbnail }
        #expect(features.panPerSecond.allSatisfy { abs(($0 ?? 0) - 0.02) < 0.004 })
        #expect(features.cameraSegments.map(\.movement) == [.panRight])
    }

    @Test func theCameraIsNotKnownWhereTheSceneMovesByItself() {
        let features = Scene.analyse(seconds: 4) { _, index in Scene(seed: index).thumbnail }
        #expect(features.cameraSegments.isEmpty)
    }

    @Test func aRestingCameraBeforeABodyHasRatesOfZeroAndAMovingArea() {
        let features = Scene.analyse(seconds: 6) { time, _ in Scene(seed: 9, boxes: [(Int(time * 7), 8, 8, 22, 20)]).thumbnail }
        #expect(features.cameraSegments.isEmpty)
        #expect(features.movingAreaPerSecond.allSatisfy { $0 > 0.03 && $0 < 0.6 })
    }

    @Test func letterboxIsMeasuredToAFractionOfARow() {
        // 4.5 of 36 rows at the top and the bottom.
        let features = Scene.analyse(seconds: 6) { time, _ in
            var picture = Scene(seed: Int(time), shiftX: time).thumbnail
            var luma = picture.luma
            for row in [0, 1, 2, 3, 32, 33, 34, 35] { for x in 0..<64 { luma[row * 64 + x] = 4 } }
            for row in [4, 31] { for x in 0..<64 { luma[row * 64 + x] = luma[row * 64 + x] / 2 } }
            picture = Thumbnail(width: 64, height: 36, luma: luma, blueDifference: picture.blueDifference, redDifference: picture.redDifference)
            return picture
        }
        #expect(features.bars.isLetterboxed && !features.bars.isPillarboxed)
        #expect(abs(features.bars.top - 0.125) < 0.015 && abs(features.bars.bottom - 0.125) < 0.015)
    }

    @Test func aDarkSceneHasNoBars() {
        // Dark all around, with something light in the middle.
        let features = Scene.analyse(seconds: 6) { time, _ in Scene(seed: 1, gain: 0.05, boxes: [(25 + Int(time), 12, 10, 12, 180)]).thumbnail }
        #expect(features.bars == PictureBars())
    }

    @Test func wordsThatComeAndGoHaveATextArea() {
        let words = Scene.analyse(seconds: 8) { time, _ in
            Scene(seed: 2, light: -30, boxes: Int(time / 1.5) % 2 == 0 ? [] : (0..<12).map { (10 + $0 * 4, 26, 2, 3, 250) }).thumbnail
        }
        let body = Scene.analyse(seconds: 8) { time, _ in Scene(seed: 2, boxes: [(Int(time * 6), 8, 9, 22, 20)]).thumbnail }
        #expect((words.textAreaPerSecond.max() ?? 0) > 0.03)
        #expect((body.textAreaPerSecond.max() ?? 1) < 0.01)
    }

    @Test func aFadeTellsItsColour() {
        let white = Thumbnail(width: 64, height: 36, luma: .init(repeating: 250, count: 2304), blueDifference: .init(repeating: 128, count: 2304),
                              redDifference: .init(repeating: 128, count: 2304))
        let features = Scene.analyse(seconds: 6) { time, _ in
            time < 3 ? Scene.blend(Scene(seed: 1).thumbnail, white, share: min(max(time - 2, 0), 1)) : Scene.blend(white, Scene(seed: 2).thumbnail, share: min(max(time - 3, 0), 1))
        }
        #expect(features.transitions.map(\.kind) == [.fade])
        #expect(features.transitions.first?.colour == "#fafafa")
    }
}
