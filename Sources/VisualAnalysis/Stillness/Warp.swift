/// A picture seen through a global motion: what the later picture shows at the places where the earlier one's content went.
struct Warp {
    private let picture: SmoothPicture
    private(set) var samples: [Float]
    private(set) var isShown: [Bool]

    init(_ picture: SmoothPicture) {
        self.picture = picture
        samples = picture.samples
        isShown = [Bool](repeating: true, count: picture.samples.count)
    }

    /// Bilinear samples at `centre + (1 + zoom)·R(turn)·(x − centre) + shift`.
    mutating func apply(_ motion: GlobalMotion) {
        let width = picture.width, height = picture.height
        let centreX = Float(width - 1) / 2, centreY = Float(height - 1) / 2
        let scale = Float(1 + motion.zoom), turn = Float(motion.turn), shiftX = Float(motion.shiftX), shiftY = Float(motion.shiftY)
        let lastX = Float(width - 1), lastY = Float(height - 1)
        for y in 0..<height {
            let fromCentreY = Float(y) - centreY
            for x in 0..<width {
                let fromCentreX = Float(x) - centreX
                let sourceX = centreX + scale * fromCentreX - turn * fromCentreY + shiftX
                let sourceY = centreY + scale * fromCentreY + turn * fromCentreX + shiftY
                let index = y * width + x
                // A tenth of a pixel outside still counts: a resting picture must not lose its border to a tiny error of the fit.
                isShown[index] = sourceX >= -0.1 && sourceX <= lastX + 0.1 && sourceY >= -0.1 && sourceY <= lastY + 0.1
                let insideX = min(max(sourceX, 0), lastX), insideY = min(max(sourceY, 0), lastY)
                let left = min(Int(insideX), width - 2), top = min(Int(insideY), height - 2)
                let shareX = insideX - Float(left), shareY = insideY - Float(top)
                let corner = top * width + left
                let upper = picture.samples[corner] * (1 - shareX) + picture.samples[corner + 1] * shareX
                let lower = picture.samples[corner + width] * (1 - shareX) + picture.samples[corner + width + 1] * shareX
                samples[index] = upper * (1 - shareY) + lower * shareY
            }
        }
    }
}
