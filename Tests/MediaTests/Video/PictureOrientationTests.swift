import Media
import Testing

@Suite struct PictureOrientationTests {
    /// 3 × 2 samples: 1 2 3 / 4 5 6.
    private let plane: [UInt8] = [1, 2, 3, 4, 5, 6]
    private let one: Int32 = 1 << 16

    @Test func aQuarterTurnClockwise() {
        let turn = PictureOrientation(a: 0, b: one, c: -one, d: 0)
        #expect(turn.apply(to: plane, width: 3, height: 2) == [4, 1, 5, 2, 6, 3])
        #expect(turn.clockwiseDegrees == 90)
    }

    @Test func aQuarterTurnCounterClockwise() {
        let turn = PictureOrientation(a: 0, b: -one, c: one, d: 0)
        #expect(turn.apply(to: plane, width: 3, height: 2) == [3, 6, 2, 5, 1, 4])
        #expect(turn.clockwiseDegrees == 270)
    }

    @Test func aHalfTurn() {
        let turn = PictureOrientation(a: -one, b: 0, c: 0, d: -one)
        #expect(turn.apply(to: plane, width: 3, height: 2) == [6, 5, 4, 3, 2, 1])
        #expect(turn.clockwiseDegrees == 180)
    }

    @Test func aMirror() {
        #expect(PictureOrientation(a: -one, b: 0, c: 0, d: one).apply(to: plane, width: 3, height: 2) == [3, 2, 1, 6, 5, 4])
    }

    @Test func uprightAndEmptyMatricesChangeNothing() {
        #expect(PictureOrientation(a: one, b: 0, c: 0, d: one) == .upright)
        #expect(PictureOrientation(a: 0, b: 0, c: 0, d: 0) == .upright)
    }

    @Test func extremeMatricesDoNotTrap() {
        #expect(PictureOrientation(a: .min, b: .max, c: .min, d: .min).apply(to: plane, width: 3, height: 2).count == 6)
    }
}
