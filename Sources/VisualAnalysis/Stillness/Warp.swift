import CPictures

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
        precondition(width >= 2 && height >= 2 && samples.count == width * height && isShown.count == samples.count && picture.samples.count == samples.count)
        var place = pictures_motion(scale: Float(1 + motion.zoom), turn: Float(motion.turn), shift_x: Float(motion.shiftX), shift_y: Float(motion.shiftY))
        // A tenth of a pixel outside still counts as shown: a resting picture must not lose its border to a tiny error of the fit.
        pictures_warp(picture.samples, Int32(width), Int32(height), &place, &samples, &isShown)
    }
}
