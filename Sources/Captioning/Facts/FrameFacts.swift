/// What was measured of one sampled frame and of the moments around it.
public struct FrameFacts: Hashable, Sendable, Codable {
    /// 1…15.
    public var index: Int
    /// Seconds from the first displayed picture.
    public var time: Double
    /// Mean luma, 0 (black) … 1 (white).
    public var brightness: Double
    /// Standard deviation of luma, 0…0.5.
    public var contrast: Double
    /// Mean saturation, 0 (grey) … 1.
    public var saturation: Double
    /// Colours by falling share.
    public var palette: [PaletteColour]
    /// 0 (still) … 1 (everything moves): from this frame to the next, cuts left out.
    public var motion: Double
    public var camera: CameraHint?
    /// Which shot this frame belongs to, from 0.
    public var shot: Int
    /// True for the first sampled frame of a shot other than the first.
    public var isFirstAfterCut: Bool

    public init(index: Int, time: Double, brightness: Double, contrast: Double, saturation: Double, palette: [PaletteColour],
                motion: Double, camera: CameraHint? = nil, shot: Int = 0, isFirstAfterCut: Bool = false) {
        self.index = index
        self.time = time
        self.brightness = brightness
        self.contrast = contrast
        self.saturation = saturation
        self.palette = palette
        self.motion = motion
        self.camera = camera
        self.shot = shot
        self.isFirstAfterCut = isFirstAfterCut
    }

    enum CodingKeys: String, CodingKey {
        case index, time = "time_s", brightness, contrast, saturation, palette, motion, camera, shot, isFirstAfterCut = "first_after_cut"
    }
}

/// One colour of a palette.
public struct PaletteColour: Hashable, Sendable, Codable {
    /// An English name in lower case, such as `dark blue`.
    public var name: String
    /// Share of the picture, 0…1.
    public var share: Double

    public init(_ name: String, _ share: Double) {
        self.name = name
        self.share = share
    }
}

/// How the camera moves, where the whole picture moves as one.
public enum CameraHint: String, Hashable, Sendable, Codable, CaseIterable {
    case fixed, panLeft = "pan_left", panRight = "pan_right", tiltUp = "tilt_up", tiltDown = "tilt_down"
    case zoomIn = "zoom_in", zoomOut = "zoom_out", shaking
}
