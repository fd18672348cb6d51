/// A picture's luma after a 3 × 3 binomial filter, as floating-point samples: smooth enough to take slopes of.
package struct SmoothPicture: Sendable {
    package let width: Int
    package let height: Int
    /// `height × width` samples, row-major, 0…255.
    package let samples: [Float]
    /// 95th less 5th percentile of luma: the picture's contrast, 0…255.
    package let contrast: Double

    package init(_ picture: Thumbnail) {
        let width = picture.width, height = picture.height
        var horizontal = [Float](repeating: 0, count: width * height)
        for y in 0..<height {
            for x in 0..<width {
                let left = picture.luma[y * width + max(x - 1, 0)], right = picture.luma[y * width + min(x + 1, width - 1)]
                horizontal[y * width + x] = (Float(left) + 2 * Float(picture.luma[y * width + x]) + Float(right)) / 4
            }
        }
        var result = horizontal
        for y in 0..<height {
            let above = max(y - 1, 0) * width, here = y * width, below = min(y + 1, height - 1) * width
            for x in 0..<width { result[here + x] = (horizontal[above + x] + 2 * horizontal[here + x] + horizontal[below + x]) / 4 }
        }
        self.width = width
        self.height = height
        samples = result
        var counts = [Int](repeating: 0, count: 256)
        for sample in picture.luma { counts[Int(sample)] += 1 }
        func level(_ share: Double) -> Int {
            var left = Int(Double(picture.luma.count) * share)
            for level in 0..<256 {
                left -= counts[level]
                if left < 0 { return level }
            }
            return 255
        }
        contrast = Double(level(0.95) - level(0.05))
    }

    /// Bilinear luma at a place; outside the picture its border's.
    func sample(x: Float, y: Float) -> Float {
        let insideX = min(max(x, 0), Float(width - 1)), insideY = min(max(y, 0), Float(height - 1))
        let left = min(Int(insideX), width - 2), top = min(Int(insideY), height - 2)
        let shareX = insideX - Float(left), shareY = insideY - Float(top), corner = top * width + left
        let upper = samples[corner] * (1 - shareX) + samples[corner + 1] * shareX
        let lower = samples[corner + width] * (1 - shareX) + samples[corner + width + 1] * shareX
        return upper * (1 - shareY) + lower * shareY
    }

    /// Length of the slope at a sample, per pixel.
    func slope(x: Int, y: Int) -> Float {
        let dx = (samples[y * width + min(x + 1, width - 1)] - samples[y * width + max(x - 1, 0)]) / 2
        let dy = (samples[min(y + 1, height - 1) * width + x] - samples[max(y - 1, 0) * width + x]) / 2
        return (dx * dx + dy * dy).squareRoot()
    }
}
