import VisualAnalysis

/// Draws thumbnails of made-up scenes: a textured picture seen through a camera, with things before it.
struct Scene {
    static let width = 64
    static let height = 36

    /// Which textured picture; equal seeds give equal pictures.
    var seed = 1
    /// Growth of the picture, and its shift in thumbnail pixels.
    var zoom = 0.0
    var shiftX = 0.0
    var shiftY = 0.0
    /// Added to luma, and factor before that.
    var light = 0.0
    var gain = 1.0
    /// Amplitude of noise, with its own seed for each picture.
    var noise = 0.0
    var noiseSeed = 0
    /// Rectangles drawn over it: left, top, width, height, luma.
    var boxes: [(Int, Int, Int, Int, Double)] = []

    var thumbnail: Thumbnail {
        var luma: [UInt8] = [], blue: [UInt8] = [], red: [UInt8] = []
        for y in 0..<Self.height {
            for x in 0..<Self.width {
                let sourceX = (Double(x) - 31.5 - shiftX) / (1 + zoom) + 31.5, sourceY = (Double(y) - 17.5 - shiftY) / (1 + zoom) + 17.5
                var value = Self.texture(seed, sourceX, sourceY) * gain + light
                for (left, top, width, height, shade) in boxes where x >= left && x < left + width && y >= top && y < top + height { value = shade }
                if noise > 0 { value += noise * (Self.random(noiseSeed &* 4096 &+ y &* 64 &+ x) - 0.5) }
                luma.append(UInt8(min(max(value.rounded(), 0), 255)))
                blue.append(UInt8(128 + seed % 5 * 6))
                red.append(UInt8(128 - seed % 7 * 5))
            }
        }
        return Thumbnail(width: Self.width, height: Self.height, luma: luma, blueDifference: blue, redDifference: red)
    }

    /// Smooth value noise of three octaves, 40…215.
    private static func texture(_ seed: Int, _ x: Double, _ y: Double) -> Double {
        var value = 0.0
        for (scale, weight) in [(16.0, 0.5), (7.0, 0.3), (3.5, 0.2)] {
            let u = x / scale + 100, v = y / scale + 100
            let column = Int(u), row = Int(v), fx = u - Double(column), fy = v - Double(row)
            func corner(_ dx: Int, _ dy: Int) -> Double { random(seed &* 7919 &+ Int(scale * 10) &* 104_729 &+ (column + dx) &* 613 &+ (row + dy) &* 31_337) }
            let sx = fx * fx * (3 - 2 * fx), sy = fy * fy * (3 - 2 * fy)
            let upper = corner(0, 0) * (1 - sx) + corner(1, 0) * sx, lower = corner(0, 1) * (1 - sx) + corner(1, 1) * sx
            value += weight * (upper * (1 - sy) + lower * sy)
        }
        return 40 + 175 * value
    }

    /// A number 0…1 from an integer (SplitMix64).
    static func random(_ input: Int) -> Double {
        var z = UInt64(bitPattern: Int64(input)) &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((z ^ (z >> 31)) >> 11) / Double(1 << 53)
    }

    static func black() -> Thumbnail {
        Thumbnail(width: width, height: height, luma: .init(repeating: 2, count: width * height), blueDifference: .init(repeating: 128, count: width * height),
                  redDifference: .init(repeating: 128, count: width * height))
    }

    /// `share` of `second` over `first`.
    static func blend(_ first: Thumbnail, _ second: Thumbnail, share: Double) -> Thumbnail {
        func mix(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] { zip(a, b).map { UInt8((Double($0) * (1 - share) + Double($1) * share).rounded()) } }
        return Thumbnail(width: width, height: height, luma: mix(first.luma, second.luma), blueDifference: mix(first.blueDifference, second.blueDifference),
                         redDifference: mix(first.redDifference, second.redDifference))
    }

    /// A video of `seconds` at 25 frames a second.
    static func analyse(seconds: Double, framesPerSecond: Double = 25, _ picture: (_ seconds: Double, _ index: Int) -> Thumbnail) -> VisualFeatures {
        var analyzer = VisualAnalyzer()
        for index in 0..<Int(seconds * framesPerSecond) {
            let time = Double(index) / framesPerSecond
            analyzer.add(picture(time, index), seconds: time)
        }
        return analyzer.finish().features
    }
}
