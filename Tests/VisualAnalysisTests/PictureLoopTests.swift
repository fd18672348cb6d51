import CPictures
import Testing

/// The loops in C against the plainest way of saying the same.
@Suite struct PictureLoopTests {
    private func plane(_ count: Int, _ seed: Int) -> [UInt8] {
        var state = UInt64(truncatingIfNeeded: seed &* 2_654_435_761 | 1)
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    @Test(arguments: [(1, 1, 8, 8), (7, 5, 16, 9), (64, 36, 64, 36), (640, 360, 64, 36), (641, 359, 64, 36), (320, 180, 128, 72), (1919, 1079, 64, 36), (16_384, 70, 64, 64)])
    func blockMeansAreTheMeansOfUpToFourRows(planeWidth: Int, planeHeight: Int, width: Int, height: Int) {
        let stride = planeWidth + 3
        for samples in [plane(stride * planeHeight, planeWidth), [UInt8](repeating: 255, count: stride * planeHeight)] {
            var means = [UInt8](repeating: 0, count: width * height), columns = [UInt16](repeating: 0, count: planeWidth)
            pictures_block_means(samples, stride, planeWidth, planeHeight, &columns, &means, width, height)
            var expected: [UInt8] = []
            for y in 0..<height {
                let top = min(y * planeHeight / height, planeHeight - 1), bottom = max((y + 1) * planeHeight / height, top + 1), rows = min(bottom - top, 4)
                for x in 0..<width {
                    let left = min(x * planeWidth / width, planeWidth - 1), right = max((x + 1) * planeWidth / width, left + 1)
                    var sum = 0
                    for row in 0..<rows { for column in left..<right { sum += Int(samples[(top + row * (bottom - top) / rows) * stride + column]) } }
                    let count = rows * (right - left)
                    expected.append(UInt8((sum + count / 2) / count))
                }
            }
            #expect(means == expected)
        }
    }

    @Test(arguments: [0, 1, 15, 2304, 70_001]) func sumsAreThoseOfEachSample(count: Int) {
        let a = plane(count, 1), b = plane(count, 2)
        #expect(pictures_absolute_differences(a, b, count) == UInt64(zip(a, b).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }))
        let chroma = zip(a, b).reduce(0.0) { sum, pair in
            let blue = Double(pair.0) - 128, red = Double(pair.1) - 128
            return sum + (blue * blue + red * red).squareRoot()
        }
        #expect(abs(pictures_chroma(a, b, count) - chroma) <= 1e-5 * chroma)
    }

    @Test func coloursAreMappedWithRoundingAndKeptInRange() {
        // BT.601, limited range to full.
        var map = pictures_colour_map(luma_offset: 16, luma_gain: 76_309, luma_from_blue: 0, luma_from_red: 0, blue_from_blue: 74_606, blue_from_red: 0,
                                      red_from_blue: 0, red_from_red: 74_606)
        var luma: [UInt8] = [0, 16, 17, 126, 235, 255], blue: [UInt8] = [16, 128, 128, 129, 240, 0], red: [UInt8] = [240, 128, 127, 128, 16, 255]
        pictures_map_colours(&map, &luma, &blue, &red, 6)
        #expect(luma == [0, 0, 1, 128, 255, 255])
        #expect(blue == [0, 128, 128, 129, 255, 0])
        #expect(red == [255, 128, 127, 128, 0, 255])
    }
}
