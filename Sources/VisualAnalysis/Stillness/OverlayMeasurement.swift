/// What lies over a still picture: where pictures, laid over each other by the camera's movement, depart from what they show most of the time.
///
/// Words, waves and particles are fine strokes and specks, often of one ink that only brightens, or only darkens, what is beneath.
/// A body covers what is behind it in many shades, and light changes softly.
package struct OverlayMeasurement: Hashable, Sendable {
    /// Pictures laid over each other.
    package var pictures = 0
    /// Mean share of the area that departs from the usual picture, and share that ever does, 0…1.
    package var area = 0.0
    package var touchedArea = 0.0
    /// Share of the departing luma that has the commoner sign, 0.5…1.
    package var signAgreement = 0.5
    /// Mean slope of the departure over its mean size: strokes have steep sides.
    package var fineness = 0.0
    /// Connected departures in a picture, mean over those that depart at all: a body is one or a few, specks are many.
    package var patches = 0.0
    package var scroll = ScrollMeasurement()

    package init() {}

    /// - Parameter layers: pictures in one frame of reference, with equal light, by time.
    init(_ layers: [AlignedPicture], width: Int, height: Int) {
        guard layers.count >= 3 else { return }
        let area = width * height
        pictures = layers.count
        let usual = Self.medians(layers, count: area)
        var touched = [Bool](repeating: false, count: area)
        var departures: [(departure: [Float], changed: [Bool])] = []
        var up = 0.0, down = 0.0
        for layer in layers {
            let (departure, changed) = Self.departure(of: layer, from: usual, width: width, height: height)
            for index in 0..<area where changed[index] {
                touched[index] = true
                if departure[index] > 0 { up += Double(departure[index]) } else { down -= Double(departure[index]) }
            }
            departures.append((departure, changed))
        }
        touchedArea = Double(touched.count { $0 }) / Double(area)
        scroll = ScrollMeasurement(departures.map { layer in zip(layer.departure, layer.changed).map { $1 ? $0 : 0 } }, width: width, height: height)
        let total = up + down
        guard total > 0 else { return }
        signAgreement = max(up, down) / total
        var slopes = 0.0, patchCounts: [Int] = []
        for (departure, changed) in departures {
            for y in 1..<height - 1 {
                for x in 1..<width - 1 where changed[y * width + x] {
                    let index = y * width + x
                    slopes += Double(max(abs(departure[index + 1] - departure[index - 1]), abs(departure[index + width] - departure[index - width]))) / 2
                }
            }
            if changed.contains(true) { patchCounts.append(Patches(changed, width: width).count { _ in true }) }
        }
        patches = Double(patchCounts.reduce(0, +)) / Double(max(patchCounts.count, 1))
        let samples = departures.reduce(0) { $0 + $1.changed.count { $0 } }
        self.area = Double(samples) / Double(area * layers.count)
        fineness = slopes / total
    }

    /// The means of windows of one stretch; shapes are weighted by the area that departs.
    init(_ windows: [OverlayMeasurement]) {
        pictures = windows.reduce(0) { $0 + $1.pictures }
        let count = Double(max(windows.count, 1)), total = max(windows.reduce(0) { $0 + $1.area }, 1e-9)
        func mean(_ value: (OverlayMeasurement) -> Double) -> Double { windows.reduce(0) { $0 + value($1) } / count }
        func weighted(_ value: (OverlayMeasurement) -> Double) -> Double { windows.reduce(0) { $0 + value($1) * $1.area } / total }
        area = mean(\.area)
        touchedArea = mean(\.touchedArea)
        signAgreement = weighted(\.signAgreement)
        patches = weighted(\.patches)
        fineness = weighted(\.fineness)
        scroll.share = mean(\.scroll.share)
        if let most = windows.max(by: { $0.scroll.share < $1.scroll.share }) { (scroll.shiftX, scroll.shiftY) = (most.scroll.shiftX, most.scroll.shiftY) }
    }

    /// What each sample shows most of the time; NaN where too few pictures show it.
    private static func medians(_ layers: [AlignedPicture], count: Int) -> [Float] {
        var values: [Float] = []
        return (0..<count).map { index in
            values.removeAll(keepingCapacity: true)
            for layer in layers where layer.isShown[index] { values.append(layer.samples[index]) }
            guard values.count * 2 > layers.count else { return .nan }
            values.sort()
            return values[values.count / 2]
        }
    }

    private static func departure(of layer: AlignedPicture, from usual: [Float], width: Int, height: Int) -> ([Float], [Bool]) {
        var departure = [Float](repeating: 0, count: usual.count), changed = [Bool](repeating: false, count: usual.count)
        for y in 1..<height - 1 {
            for x in 1..<width - 1 {
                let index = y * width + x
                guard layer.isShown[index], !usual[index].isNaN else { continue }
                departure[index] = layer.samples[index] - usual[index]
                guard abs(departure[index]) > layer.tolerance else { continue }
                let slope = max(abs(usual[index + 1] - usual[index - 1]), abs(usual[index + width] - usual[index - width])) / 2
                changed[index] = abs(departure[index]) > layer.tolerance + layer.misfit * (slope.isNaN ? 0 : slope)
            }
        }
        return (departure, changed)
    }
}

/// A picture's luma as it would lie in another picture's frame, under that one's light.
struct AlignedPicture {
    var samples: [Float]
    var isShown: [Bool]
    /// Difference that noise makes, and what a misfit makes of each level of slope.
    var tolerance: Float
    var misfit: Float
}
