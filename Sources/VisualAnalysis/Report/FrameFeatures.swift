/// What one taken frame looks like, and what moves around it.
public struct FrameFeatures: Hashable, Sendable, Codable {
    /// What the camera does, where the picture's movement says it clearly.
    public enum Camera: String, Hashable, Sendable, Codable, CaseIterable {
        case still
        case zoomIn = "zoom_in"
        case zoomOut = "zoom_out"
        case panLeft = "pan_left"
        case panRight = "pan_right"
        case tiltUp = "tilt_up"
        case tiltDown = "tilt_down"
    }

    /// Mean luma, 0…1.
    public var brightness: Double
    /// Standard deviation of luma, 0…0.5.
    public var contrast: Double
    /// Mean distance of the chroma from grey, 0…1.
    public var saturation: Double
    /// Mean absolute luma change between pictures 0.2 s apart within half a second of the frame, 0…1, cuts left out.
    public var motion: Double
    /// nil where the picture's movement does not say.
    public var camera: Camera?
    /// Main colours, largest share first.
    public var colours: [PaletteColour]
    /// Index of the shot, from 0; a cut or a transition begins the next.
    public var shot: Int
}
