/// The music of a clip as a picture: sections, waveform, beats and bars, chords, energy, over one time axis. Values in, SVG out:
/// the same features give the same text.
public struct MusicPlot: Sendable {
    /// What the picture is called, such as the file's name.
    public var name: String
    /// Seconds that were analysed.
    public var duration: Double
    /// Seconds in the file at which the analysed part begins; the axis counts from the file's start.
    public var offset: Double
    public var features: MusicFeatures
    public var waveform: WaveformEnvelope

    static let margin = (left: 96.0, right: 24.0)
    private static let gap = 14.0
    /// Below the title.
    private static let top = 66.0

    public init(name: String, duration: Double, offset: Double = 0, features: MusicFeatures, waveform: WaveformEnvelope) {
        (self.name, self.duration, self.offset, self.features, self.waveform) = (name, max(0, duration), offset, features, waveform)
    }

    /// Width in pixels of the part that has a time axis: twelve a second, so that chords keep their names, 1,080 to 7,200.
    public static func width(duration: Double) -> Int {
        duration.isFinite ? Int(min(max(duration * 12, 1_080), 7_200)) : 1_080
    }

    /// The picture, as an XML document.
    public func svg() -> String {
        let plotWidth = Double(Self.width(duration: duration))
        let axis = TimeAxis(left: Self.margin.left, right: Self.margin.left + plotWidth, duration: duration, offset: offset)
        let width = axis.right + Self.margin.right
        var drawing = SVGDrawing()
        let lanesHeight = PlotLanes.totalHeight + 4 * Self.gap
        let height = Self.top + lanesHeight + 34
        drawing.rectangle(x: 0, y: 0, width: width, height: height, fill: "#ffffff")
        drawing.text(PlotText.shortened(name, to: 90), x: axis.left, y: 28, size: 18, fill: PlotColours.text, isBold: true)
        drawing.text(PlotText.summary(features) + "  ·  " + PlotText.span(duration, from: offset), x: axis.left, y: 48, size: 13, fill: PlotColours.quiet)

        let lanes = PlotLanes(axis: axis, features: features)
        var y = Self.top
        lanes.drawRules(in: &drawing, from: y, height: lanesHeight)
        lanes.drawSections(in: &drawing, at: y)
        y += PlotLanes.sectionHeight + Self.gap
        lanes.drawWaveform(waveform, in: &drawing, at: y)
        y += PlotLanes.waveformHeight + Self.gap
        lanes.drawBeats(in: &drawing, at: y)
        y += PlotLanes.beatHeight + Self.gap
        lanes.drawChords(in: &drawing, at: y)
        y += PlotLanes.chordHeight + Self.gap
        lanes.drawEnergy(in: &drawing, at: y)
        y += PlotLanes.energyHeight
        lanes.drawAxis(in: &drawing, at: y)
        return drawing.document(width: width, height: height, title: "\(name): music", description: description)
    }

    private var description: String {
        "\(PlotText.summary(features)); \(features.sections.count) sections, \(features.beats.count) beats, \(features.downbeats.count) bars, "
            + "\(features.chords.count) chords in \(PlotText.number(duration, places: 1)) seconds. Shares in brackets are confidences."
    }
}
