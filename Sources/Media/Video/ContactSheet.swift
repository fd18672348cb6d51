import CLibAV

/// All taken frames of a video in one picture, five a row, for a person to look at. Not for several threads at once.
final class ContactSheet {
    private static let columns = 5
    private static let tileWidth = 256
    /// Of a tall video a tile is no higher than this.
    private static let tallestTile = 512
    /// A recipe may ask for a thousand frames; a sheet holds these.
    private static let mostRows = 20
    private static let quantiser = 4

    private let rows: Int
    /// From the first frame; a frame of another shape is fitted to it.
    private var tile: (width: Int, height: Int)?
    /// Luma, then both chroma planes of half its size.
    private var planes: [[UInt8]] = []
    private let scaler = UprightPictures(width: ContactSheet.tileWidth, quantiser: ContactSheet.quantiser)

    init(frames: Int) {
        rows = min((max(frames, 1) + Self.columns - 1) / Self.columns, Self.mostRows)
    }

    private var width: Int { (tile?.width ?? 0) * Self.columns }
    private var height: Int { (tile?.height ?? 0) * rows }

    /// Puts the frame at its targets' places.
    ///
    /// - Returns: false when it cannot be scaled.
    func add(_ frame: UnsafeMutablePointer<AVFrame>, orientation: PictureOrientation, targets: Range<Int>) -> Bool {
        let tile = tile ?? begin(frame, orientation)
        guard let picture = scaler.upright(frame, orientation: orientation, width: tile.width, height: tile.height) else { return false }
        for plane in 0..<3 {
            let shift = plane == 0 ? 0 : 1 // tiles have even sides
            let samples = picture.plane(plane, width: tile.width >> shift, height: tile.height >> shift)
            guard samples.count == (tile.width >> shift) * (tile.height >> shift) else { return false }
            for target in targets where target < rows * Self.columns {
                copy(samples, into: plane, column: target % Self.columns, row: target / Self.columns, width: tile.width >> shift, height: tile.height >> shift)
            }
        }
        return true
    }

    /// - Returns: nil when nothing was added, or the encoder fails.
    func jpeg() -> [UInt8]? {
        guard tile != nil, let sheet = PictureBuffer(width: width, height: height, format: AV_PIX_FMT_YUVJ420P) else { return nil }
        for plane in 0..<3 {
            let shift = plane == 0 ? 0 : 1
            sheet.setPlane(plane, planes[plane], width: width >> shift, height: height >> shift)
        }
        return JPEGEncoder(quantiser: Self.quantiser).encode(sheet)
    }

    private func begin(_ frame: UnsafeMutablePointer<AVFrame>, _ orientation: PictureOrientation) -> (width: Int, height: Int) {
        let fitted = DisplaySize(frame, orientation: orientation).fitted(width: Self.tileWidth)
        let begun = (width: fitted.width, height: min(fitted.height, Self.tallestTile))
        tile = begun
        let black: [UInt8] = [0, 128, 128]
        planes = (0..<3).map { plane in
            let shift = plane == 0 ? 0 : 1
            return [UInt8](repeating: black[plane], count: (width >> shift) * (height >> shift))
        }
        return begun
    }

    private func copy(_ samples: [UInt8], into plane: Int, column: Int, row: Int, width tileWidth: Int, height tileHeight: Int) {
        let stride = tileWidth * Self.columns
        for line in 0..<tileHeight {
            let start = (row * tileHeight + line) * stride + column * tileWidth
            planes[plane].replaceSubrange(start..<start + tileWidth, with: samples[line * tileWidth..<(line + 1) * tileWidth])
        }
    }
}
