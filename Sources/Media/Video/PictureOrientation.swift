/// How a coded picture must be turned to stand upright: one of the eight symmetries of a rectangle.
package struct PictureOrientation: Hashable, Sendable {
    /// Rows become columns; applied before the mirrors.
    package var transposes = false
    /// Left and right are exchanged in the upright picture.
    package var mirrorsHorizontally = false
    /// Top and bottom are exchanged in the upright picture.
    package var mirrorsVertically = false

    package init(transposes: Bool = false, mirrorsHorizontally: Bool = false, mirrorsVertically: Bool = false) {
        self.transposes = transposes
        self.mirrorsHorizontally = mirrorsHorizontally
        self.mirrorsVertically = mirrorsVertically
    }

    package static let upright = PictureOrientation()

    /// From a display matrix (`x' = a·x + c·y`, `y' = b·x + d·y`, ISO/IEC 14496-12 §6.2.2), taken to the nearest quarter turn.
    package init(a: Int32, b: Int32, c: Int32, d: Int32) {
        let straight = abs(Double(a)) + abs(Double(d))
        let turned = abs(Double(b)) + abs(Double(c))
        if turned > straight {
            self.init(transposes: true, mirrorsHorizontally: c < 0, mirrorsVertically: b < 0)
        } else {
            self.init(transposes: false, mirrorsHorizontally: a < 0, mirrorsVertically: d < 0)
        }
    }

    /// Degrees clockwise by which a player turns the coded picture; a mirrored picture counts as its rotation part.
    package var clockwiseDegrees: Int {
        if transposes { return mirrorsHorizontally ? 90 : (mirrorsVertically ? 270 : 90) }
        return mirrorsVertically ? 180 : 0
    }

    /// One plane turned upright.
    ///
    /// - Parameter plane: `width × height` samples, row-major, without padding.
    /// - Returns: `height × width` samples when the orientation transposes, else `width × height`.
    package func apply(to plane: [UInt8], width: Int, height: Int) -> [UInt8] {
        guard self != .upright, width > 0, height > 0, plane.count == width * height else { return plane }
        let outWidth = transposes ? height : width, outHeight = transposes ? width : height
        var result = [UInt8](repeating: 0, count: plane.count)
        for y in 0..<outHeight {
            let rowBeforeMirror = mirrorsVertically ? outHeight - 1 - y : y
            for x in 0..<outWidth {
                let columnBeforeMirror = mirrorsHorizontally ? outWidth - 1 - x : x
                let source = transposes ? columnBeforeMirror * width + rowBeforeMirror : rowBeforeMirror * width + columnBeforeMirror
                result[y * outWidth + x] = plane[source]
            }
        }
        return result
    }
}
