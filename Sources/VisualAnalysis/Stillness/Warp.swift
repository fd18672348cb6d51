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
        let size = width * height
        // Every place written to and read from lies inside: `left` and `top` leave room for their neighbours, whatever the motion.
        picture.samples.withUnsafeBufferPointer { source in
            samples.withUnsafeMutableBufferPointer { samples in
                isShown.withUnsafeMutableBufferPointer { isShown in
                    precondition(source.count == size && samples.count == size && isShown.count == size && width >= 2 && height >= 2)
                    for y in 0..<height {
                        let fromCentreY = Float(y) - centreY
                        for x in 0..<width {
                            let fromCentreX = Float(x) - centreX
                            let sourceX = centreX + scale * fromCentreX - turn * fromCentreY + shiftX
                            let sourceY = centreY + scale * fromCentreY + turn * fromCentreX + shiftY
                            let index = y &* width &+ x
                            // A tenth of a pixel outside still counts: a resting picture must not lose its border to a tiny error of the fit.
                            isShown[index] = sourceX >= -0.1 && sourceX <= lastX + 0.1 && sourceY >= -0.1 && sourceY <= lastY + 0.1
                            // The order of the arguments takes what is no number to 0.
                            let insideX = min(lastX, max(0, sourceX)), insideY = min(lastY, max(0, sourceY))
                            let left = min(Int32(insideX), Int32(truncatingIfNeeded: width &- 2)), top = min(Int32(insideY), Int32(truncatingIfNeeded: height &- 2))
                            let shareX = insideX - Float(left), shareY = insideY - Float(top)
                            let corner = Int(top) &* width &+ Int(left)
                            let upper = source[corner] * (1 - shareX) + source[corner &+ 1] * shareX
                            let lower = source[corner &+ width] * (1 - shareX) + source[corner &+ width &+ 1] * shareX
                            samples[index] = upper * (1 - shareY) + lower * shareY
                        }
                    }
                }
            }
        }
    }
}
