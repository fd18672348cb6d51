import Foundation
import Testing
import VisualAnalysis

/// What is drawn over a still picture, and what only looks like it.
@Suite struct OverlayTests {
    private func verdict(_ seconds: Double = 12, _ picture: (Double, Int) -> Thumbnail) -> StaticVerdict {
        Scene.analyse(seconds: seconds, picture).verdict
    }

    /// A line of letters, each some samples of ink with gaps between, that lies at `top`.
    private func line(_ seed: Int, left: Int, top: Int, letters: Int) -> [(Int, Int, Int, Int, Double)] {
        (0..<letters).flatMap { letter -> [(Int, Int, Int, Int, Double)] in
            let x = left + letter * 3
            return Scene.random(seed &* 97 &+ letter) < 0.2 ? [] : [(x, top, 1, 3, 250), (x + 1, top + Int(3 * Scene.random(seed &* 31 &+ letter)), 1, 1, 250)]
        }
    }

    @Test func creditsThatScrollOverAnImageAreText() {
        let verdict = verdict { time, _ in
            Scene(seed: 3, light: -30, boxes: (0..<10).flatMap { line($0, left: 8, top: 30 + $0 * 12 - Int(time * 6), letters: 15) }).thumbnail
        }
        #expect(verdict.isStatic && verdict.kind == .textOverStill)
    }

    @Test func wordsOverASlowZoomAreText() {
        let verdict = verdict { time, _ in
            Scene(seed: 2, zoom: time * 0.015, light: -30, boxes: Int(time) % 3 == 2 ? [] : line(Int(time / 3), left: 8, top: 27, letters: 15)).thumbnail
        }
        #expect(verdict.isStatic && verdict.kind == .textOverStill)
    }

    @Test(arguments: [1.0, 3.5]) func aRecordThatTurnsIsAVisualiser(radiansPerSecond: Double) {
        let verdict = verdict { time, _ in Self.record(angle: time * radiansPerSecond) }
        #expect(verdict.isStatic && verdict.kind == .visualiserOverStill)
        #expect(verdict.reasons.contains { $0.contains("turns") })
    }

    @Test func aBodyWithinASquareIsNoRecord() {
        let verdict = verdict { time, _ in
            let phase = (time * 0.9).truncatingRemainder(dividingBy: 2), sway = phase < 1 ? phase : 2 - phase
            return Scene(seed: 2, boxes: [(24 + Int(sway * 9), 9, 11, 20, 30), (22 + Int(sway * 13), 12 + Int(sway * 8), 5, 5, 210)]).thumbnail
        }
        #expect(!verdict.isStatic)
    }

    @Test func snowOverAnImageIsAVisualiser() {
        let verdict = verdict { time, _ in
            Scene(seed: 5, light: -20, boxes: (0..<30).map { flake in
                let speed = 4 + 3 * Scene.random(flake), x = Int(64 * Scene.random(flake &+ 1000))
                return (x, Int(36 * Scene.random(flake &+ 2000) + time * speed) % 36, 1, 1, 245)
            }).thumbnail
        }
        #expect(verdict.isStatic && verdict.kind == .visualiserOverStill)
    }

    @Test func aBodyFarAwayThatMovesSlowlyIsMoving() {
        let verdict = verdict(14) { time, _ in Scene(seed: 4, boxes: [(28 + Int(time * 0.8), 18, 4, 9, 25), (29 + Int(time * 0.8), 16, 2, 2, 190)]).thumbnail }
        #expect(!verdict.isStatic)
    }

    @Test func aShakyCameraBeforeABodyIsMoving() {
        let verdict = verdict { time, index in
            let phase = (time * 0.7).truncatingRemainder(dividingBy: 2), sway = phase < 1 ? phase : 2 - phase
            return Scene(seed: 6, shiftX: 2 * Scene.random(index), shiftY: 2 * Scene.random(index &+ 500), boxes: [(24 + Int(sway * 10), 8, 12, 26, 20)]).thumbnail
        }
        #expect(!verdict.isStatic)
    }

    @Test func aHardShakeOfAnImageIsStatic() {
        let verdict = verdict { _, index in Scene(seed: 6, shiftX: 7 * Scene.random(index) - 3.5, shiftY: 5 * Scene.random(index &+ 500) - 2.5).thumbnail }
        #expect(verdict.isStatic && verdict.kind == .zoomOrPan)
    }

    @Test func flickerThatClipsIsStatic() {
        let verdict = verdict { time, index in Scene(seed: 8, light: [0, 40, -30, 15][index / 3 % 4], gain: 1.1).thumbnail }
        #expect(verdict.isStatic && verdict.kind == .grainOrFlicker)
    }

    /// A disc with a picture of its own in the middle of another.
    private static func record(angle: Double) -> Thumbnail {
        let base = Scene(seed: 7).thumbnail, cover = Scene(seed: 11).thumbnail
        var luma = base.luma
        let cosine = cos(angle), sine = sin(angle)
        for y in 0..<base.height {
            for x in 0..<base.width {
                let dx = Double(x) - 32, dy = Double(y) - 18
                guard dx * dx + dy * dy <= 13 * 13 else { continue }
                let u = cosine * dx + sine * dy + 32, v = cosine * dy - sine * dx + 18
                let left = Int(u), top = Int(v), shareX = u - Double(left), shareY = v - Double(top)
                func at(_ x: Int, _ y: Int) -> Double { Double(cover.luma[y * cover.width + x]) }
                let value = (at(left, top) * (1 - shareX) + at(left + 1, top) * shareX) * (1 - shareY) + (at(left, top + 1) * (1 - shareX) + at(left + 1, top + 1) * shareX) * shareY
                luma[y * base.width + x] = UInt8(min(max(value.rounded(), 0), 255))
            }
        }
        return Thumbnail(width: base.width, height: base.height, luma: luma, blueDifference: base.blueDifference, redDifference: base.redDifference)
    }
}
