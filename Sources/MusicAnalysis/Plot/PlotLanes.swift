import Glibc

/// The lanes of a ``MusicPlot``, each drawn below a given height.
struct PlotLanes {
    static let sectionHeight = 24.0
    static let waveformHeight = 120.0
    static let beatHeight = 40.0
    static let chordHeight = 34.0
    static let energyHeight = 70.0
    static var totalHeight: Double { sectionHeight + waveformHeight + beatHeight + chordHeight + energyHeight }
    /// Marks that would be closer are left out, in pixels.
    private static let leastTickGap = 3.0
    private static let leastNumberGap = 26.0

    let axis: TimeAxis
    let features: MusicFeatures

    /// Faint lines at the axis' marks, through all lanes.
    func drawRules(in drawing: inout SVGDrawing, from top: Double, height: Double) {
        drawing.lines(axis.marks.map { mark in [(axis.x(mark.seconds), top), (axis.x(mark.seconds), top + height)] }, stroke: PlotColours.rule, width: 1)
    }

    func drawSections(in drawing: inout SVGDrawing, at y: Double) {
        label("sections", in: &drawing, middle: y + Self.sectionHeight / 2)
        for (index, section) in features.sections.enumerated() {
            let (left, right) = (axis.x(section.start), axis.x(section.end))
            let times = "\(TimeAxis.label(axis.offset + section.start))–\(TimeAxis.label(axis.offset + section.end))"
            let note = index == 0 ? "" : ", border \(PlotText.share(section.confidence)) sure"
            drawing.rectangle(x: left, y: y, width: max(0, right - left - 1), height: Self.sectionHeight, fill: PlotColours.section(index),
                              title: "section \(index + 1): \(times)\(note)")
            name(["\(index + 1) · \(times)", "\(index + 1)"], in: &drawing, from: left, to: right, base: y + Self.sectionHeight / 2 + 4, size: 11)
        }
    }

    /// As loud as its loudest sample reaches the lane's border; how loud that is stands beside it.
    func drawWaveform(_ waveform: WaveformEnvelope, in drawing: inout SVGDrawing, at y: Double) {
        let middle = y + Self.waveformHeight / 2
        let peak = waveform.peak
        label("waveform", detail: peak > 0 ? "peak \(PlotText.number(20 * log10(Double(peak)), places: 1)) dBFS" : nil, in: &drawing, middle: middle)
        drawing.lines([[(axis.left, middle), (axis.right, middle)]], stroke: PlotColours.rule, width: 1)
        guard peak > 0, !waveform.columns.isEmpty else { return }
        let scale = Self.waveformHeight / 2 / Double(peak)
        let step = (axis.right - axis.left) / Double(waveform.columns.count)
        func shape(_ above: (WaveformEnvelope.Column) -> Float, _ below: (WaveformEnvelope.Column) -> Float) -> [(x: Double, y: Double)] {
            let points = waveform.columns.enumerated().map { index, column in (x: axis.left + (Double(index) + 0.5) * step, column: column) }
            return points.map { ($0.x, middle - Double(above($0.column)) * scale) } + points.reversed().map { ($0.x, middle - Double(below($0.column)) * scale) }
        }
        drawing.polygon(shape(\.highest, \.lowest), fill: PlotColours.waveform)
        drawing.polygon(shape({ min($0.level, max($0.highest, 0)) }, { -min($0.level, max(-$0.lowest, 0)) }), fill: PlotColours.level)
        // Whether bars begin where the music does is seen here.
        guard gap(features.downbeats) >= 4 * Self.leastTickGap else { return }
        drawing.lines(features.downbeats.map { [(axis.x($0), y), (axis.x($0), y + Self.waveformHeight)] }, stroke: PlotColours.downbeat, width: 1, opacity: 0.4)
    }

    /// Short marks for beats, long red ones for the first of each bar, with the bars' numbers.
    func drawBeats(in drawing: inout SVGDrawing, at y: Double) {
        label("beats", detail: features.downbeats.isEmpty ? nil : "and bars", in: &drawing, middle: y + Self.beatHeight / 2)
        guard !features.beats.isEmpty else {
            return remark("no beats were found", in: &drawing, middle: y + Self.beatHeight / 2)
        }
        let base = y + Self.beatHeight
        if gap(features.beats) >= Self.leastTickGap {
            drawing.lines(features.beats.map { [(axis.x($0), base - 12), (axis.x($0), base)] }, stroke: PlotColours.beat, width: 1.2)
        }
        let barGap = gap(features.downbeats)
        if barGap >= Self.leastTickGap {
            drawing.lines(features.downbeats.map { [(axis.x($0), base - 22), (axis.x($0), base)] }, stroke: PlotColours.downbeat, width: 1.6)
        }
        let each = [1, 2, 4, 8, 16, 32, 64].first { Double($0) * barGap >= Self.leastNumberGap } ?? 128
        for (index, time) in features.downbeats.enumerated() where index % each == 0 {
            drawing.text("\(index + 1)", x: axis.x(time), y: base - 26, size: 10, fill: PlotColours.quiet, anchor: .middle)
        }
    }

    func drawChords(in drawing: inout SVGDrawing, at y: Double) {
        label("chords", in: &drawing, middle: y + Self.chordHeight / 2)
        for chord in features.chords {
            let (left, right) = (axis.x(chord.start), axis.x(chord.end))
            let text = PlotText.chord(chord.label)
            drawing.rectangle(x: left, y: y, width: max(0.3, right - left - 0.6), height: Self.chordHeight, fill: PlotColours.chord(chord.label),
                              title: "\(chord.label) \(TimeAxis.label(axis.offset + chord.start, step: 0.1))–\(TimeAxis.label(axis.offset + chord.end, step: 0.1)), \(PlotText.share(chord.confidence)) sure")
            name(chord.label == "N" ? ["no chord", "–"] : [text], in: &drawing, from: left, to: right, base: y + Self.chordHeight / 2 + 4, size: 12)
        }
    }

    func drawEnergy(in drawing: inout SVGDrawing, at y: Double) {
        let base = y + Self.energyHeight
        label("energy", in: &drawing, middle: y + Self.energyHeight / 2)
        let seconds = min(Double(features.energy.count), axis.duration)
        guard seconds > 0, features.energy.contains(where: { $0 > 0 }) else {
            return remark("nothing to hear", in: &drawing, middle: y + Self.energyHeight / 2)
        }
        // Each value stands for its second; the line goes through the seconds' middles, and level from there to both ends.
        let middles = features.energy.enumerated().map { (x: axis.x(min(Double($0) + 0.5, axis.duration)), y: base - $1 * (Self.energyHeight - 4)) }
        let line = [(x: axis.left, y: middles[0].y)] + middles + [(x: axis.right, y: middles[middles.count - 1].y)]
        drawing.polygon([(axis.left, base)] + line + [(axis.right, base)], fill: PlotColours.energy, title: "energy, each second's level over a range of 40 dB below the loudest")
        drawing.lines([line], stroke: PlotColours.energyEdge, width: 1.4)
        for change in features.energyChanges {
            let x = axis.x(change.time), tip = change.kind == .rise ? -6.0 : 6.0, middle = base - 14
            drawing.polygon([(x, middle + tip), (x - 5, middle - tip), (x + 5, middle - tip)], fill: PlotColours.energyEdge,
                            title: "\(change.kind.rawValue) of \(PlotText.number(abs(change.changeLu), places: 1)) LU at \(TimeAxis.label(axis.offset + change.time, step: 0.1)), \(PlotText.share(change.confidence)) sure")
        }
    }

    func drawAxis(in drawing: inout SVGDrawing, at y: Double) {
        drawing.lines([[(axis.left, y), (axis.right, y)]], stroke: PlotColours.quiet, width: 1)
        drawing.lines(axis.marks.map { [(axis.x($0.seconds), y), (axis.x($0.seconds), y + 5)] }, stroke: PlotColours.quiet, width: 1)
        for mark in axis.marks {
            drawing.text(mark.label, x: axis.x(mark.seconds), y: y + 18, size: 11, fill: PlotColours.quiet, anchor: .middle)
        }
    }

    private func label(_ text: String, detail: String? = nil, in drawing: inout SVGDrawing, middle: Double) {
        drawing.text(text, x: axis.left - 12, y: middle + (detail == nil ? 4 : -2), size: 12, fill: PlotColours.text, anchor: .end)
        if let detail { drawing.text(detail, x: axis.left - 12, y: middle + 11, size: 9, fill: PlotColours.quiet, anchor: .end) }
    }

    private func remark(_ text: String, in drawing: inout SVGDrawing, middle: Double) {
        drawing.text(text, x: axis.left + 8, y: middle + 4, size: 12, fill: PlotColours.quiet)
    }

    /// The first of the texts that fits between two pixels, in their middle, or the last in smaller letters; none where none fits.
    private func name(_ texts: [String], in drawing: inout SVGDrawing, from left: Double, to right: Double, base: Double, size: Double) {
        let smaller = texts.suffix(1).map { (text: $0, size: 9.0) }
        guard let (text, size) = (texts.map { (text: $0, size: size) } + smaller).first(where: { SVGDrawing.width(of: $0.text, size: $0.size) + 3 <= right - left }) else { return }
        drawing.text(text, x: (left + right) / 2, y: base, size: size, fill: PlotColours.text, anchor: .middle)
    }

    /// Mean distance in pixels.
    private func gap(_ times: [Double]) -> Double {
        guard times.count > 1 else { return .infinity }
        return (axis.x(times[times.count - 1]) - axis.x(times[0])) / Double(times.count - 1)
    }
}
