/// How one uncut stretch of a video changes, once the camera's movement and the light are taken out.
package struct SegmentMotion: Hashable, Sendable {
    package var startSeconds: Double
    package var endSeconds: Double
    /// Pairs of pictures compared, about a second apart.
    package var pairs = 0
    /// Share of pairs that show one and the same picture (moved, zoomed or lit otherwise).
    package var stillShare = 1.0
    /// Mean share of the area that changed within a second, and within four seconds.
    package var changedArea = 0.0
    package var changedAreaFourSeconds = 0.0
    /// Share of the area that ever changed.
    package var touchedArea = 0.0
    /// Share of the area of the largest connected patch of it.
    package var touchedPatch = 0.0
    /// How much of the touched area changes whenever something does: near 1 for words that appear and for bars that dance in place, small for what walks through.
    package var concentration = 0.0
    /// Change outside the touched area over four seconds, as a share of the area.
    package var changeElsewhere = 0.0
    /// The touched area over its bounding rectangle.
    package var rectangularity = 0.0
    /// Share of moments at which the touched area rests from one frame to the next.
    package var restShare = 1.0
    /// Change from frame to frame over change within a second, inside the touched area: near 1 for bars and waves, small for bodies.
    package var restlessness = 0.0
    /// Median absolute zoom per second and shift in picture widths per second; mean change of shift from one second to the next, and departure of the gain from 1.
    package var zoomPerSecond = 0.0
    package var shiftPerSecond = 0.0
    package var unsteadiness = 0.0
    package var lightChange = 0.0
    /// Frame-to-frame change of the whole picture, mean absolute luma, 0…255: grain.
    package var frameNoise = 0.0
    package var contrast = 0.0
    /// Share of the changes within a second that are patches much wider than high, as lines of text are.
    package var lineShare = 0.0
    package var disc = TurningDisc()
    /// What lies over the picture, where it is a still one.
    package var overlay = OverlayMeasurement()

    package var seconds: Double { endSeconds - startSeconds }

    package init(startSeconds: Double, endSeconds: Double) {
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
    }
}

/// The camera between two pictures about a second apart.
package struct CameraStep: Hashable, Sendable {
    package var startSeconds: Double
    package var endSeconds: Double
    package var motion: GlobalMotion
    /// Share of the luma difference that the global motion explains, 0…1, and that difference (mean absolute luma, 0…255).
    package var explained: Double
    package var difference: Double
    /// Share of the area that changed beyond motion and light, 0…1.
    package var changedArea: Double
    /// Share of the area that changed in fine strokes along lines, as words do that come, go or scroll, 0…1.
    package var lineArea: Double
}
