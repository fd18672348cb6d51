/// What was measured in the picture.
public struct VisualFacts: Hashable, Sendable {
    /// A colour and how much of the sampled frames it covers.
    public struct Colour: Hashable, Sendable {
        /// `#rrggbb`, sRGB.
        public var hex: String
        /// 0…1.
        public var share: Double

        public init(hex: String, share: Double) {
            self.hex = hex
            self.share = share
        }
    }

    /// Seconds from the clip's start at which a new shot begins, ascending.
    public var cutsSeconds: [Double]
    /// Largest share first.
    public var palette: [Colour]
    /// Mean luma, 0 (black) … 1 (white).
    public var brightness: Double
    /// Mean absolute difference between neighbouring sampled frames, 0 (still) … 1.
    public var motion: Double

    public init(cutsSeconds: [Double], palette: [Colour], brightness: Double, motion: Double) {
        self.cutsSeconds = cutsSeconds
        self.palette = palette
        self.brightness = brightness
        self.motion = motion
    }
}
