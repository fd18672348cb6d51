/// One colour of a picture.
public struct PaletteColour: Hashable, Sendable, Codable {
    /// An everyday English name, such as `dark blue`.
    public var name: String
    /// sRGB as `#rrggbb`.
    public var hex: String
    /// Share of the area, 0…1.
    public var share: Double

    public init(name: String, hex: String, share: Double) {
        self.name = name
        self.hex = hex
        self.share = share
    }
}

/// The main colours of pictures: k-means in L*a*b*, begun at the colours farthest from each other, so that equal pictures give equal palettes.
package enum Palette {
    private static let clusters = 6
    private static let rounds = 12
    /// Clusters smaller than this share are left out.
    private static let smallestShare = 0.03
    private static let samplesAtMost = 4000

    private struct Bin {
        var red = 0, green = 0, blue = 0, count = 0
        var colour = LabColour(lightness: 0, a: 0, b: 0)
    }

    /// - Parameters:
    ///   - pictures: taken together, evenly sampled.
    ///   - count: colours at most.
    /// - Returns: by share, largest first; colours of one name are one.
    package static func colours(of pictures: [Thumbnail], count: Int) -> [PaletteColour] {
        let bins = bins(pictures)
        guard !bins.isEmpty else { return [] }
        var centres = seeds(bins)
        var assignment = [Int](repeating: 0, count: bins.count)
        for _ in 0..<rounds {
            for index in bins.indices { assignment[index] = nearest(bins[index].colour, centres) }
            let moved = means(bins, assignment, centres)
            if moved == centres { break }
            centres = moved
        }
        return named(bins, assignment, clusters: centres.count, count: count)
    }

    /// Samples that share the top five bits of each component count as one: few enough to cluster quickly.
    private static func bins(_ pictures: [Thumbnail]) -> [Bin] {
        let total = pictures.reduce(0) { $0 + $1.luma.count }
        let stride = max(1, total / samplesAtMost)
        var table = [Int](repeating: -1, count: 32_768)
        var bins: [Bin] = []
        for picture in pictures {
            for index in Swift.stride(from: 0, to: picture.luma.count, by: stride) {
                let (red, green, blue) = picture.rgb(index)
                let key = (red >> 3) << 10 | (green >> 3) << 5 | (blue >> 3)
                if table[key] < 0 {
                    table[key] = bins.count
                    bins.append(Bin())
                }
                bins[table[key]].red += red
                bins[table[key]].green += green
                bins[table[key]].blue += blue
                bins[table[key]].count += 1
            }
        }
        for index in bins.indices {
            let scale = 255 * Double(bins[index].count)
            bins[index].colour = LabColour(red: Double(bins[index].red) / scale, green: Double(bins[index].green) / scale, blue: Double(bins[index].blue) / scale)
        }
        return bins
    }

    /// The commonest colour, then each time the one that most area is farthest from.
    private static func seeds(_ bins: [Bin]) -> [LabColour] {
        guard let first = bins.indices.max(by: { (bins[$0].count, $1) < (bins[$1].count, $0) }) else { return [] }
        var centres = [bins[first].colour]
        var distances = bins.map { $0.colour.squaredDistance(to: centres[0]) }
        while centres.count < min(clusters, bins.count) {
            var best = 0, bestWeight = -1.0
            for index in bins.indices {
                let weight = distances[index] * Double(bins[index].count).squareRoot()
                if weight > bestWeight { (best, bestWeight) = (index, weight) }
            }
            guard bestWeight > 0 else { break }
            centres.append(bins[best].colour)
            for index in bins.indices { distances[index] = min(distances[index], bins[index].colour.squaredDistance(to: bins[best].colour)) }
        }
        return centres
    }

    private static func nearest(_ colour: LabColour, _ centres: [LabColour]) -> Int {
        var best = 0, bestDistance = Double.infinity
        for (index, centre) in centres.enumerated() {
            let distance = colour.squaredDistance(to: centre)
            if distance < bestDistance { (best, bestDistance) = (index, distance) }
        }
        return best
    }

    private static func means(_ bins: [Bin], _ assignment: [Int], _ centres: [LabColour]) -> [LabColour] {
        var sums = centres.map { _ in LabColour(lightness: 0, a: 0, b: 0) }, counts = centres.map { _ in 0.0 }
        for (bin, cluster) in zip(bins, assignment) {
            let weight = Double(bin.count)
            sums[cluster].lightness += weight * bin.colour.lightness
            sums[cluster].a += weight * bin.colour.a
            sums[cluster].b += weight * bin.colour.b
            counts[cluster] += weight
        }
        return centres.indices.map { index in
            guard counts[index] > 0 else { return centres[index] }
            return LabColour(lightness: sums[index].lightness / counts[index], a: sums[index].a / counts[index], b: sums[index].b / counts[index])
        }
    }

    private static func named(_ bins: [Bin], _ assignment: [Int], clusters: Int, count: Int) -> [PaletteColour] {
        var merged = [Bin](repeating: Bin(), count: clusters)
        for (bin, cluster) in zip(bins, assignment) {
            merged[cluster].red += bin.red
            merged[cluster].green += bin.green
            merged[cluster].blue += bin.blue
            merged[cluster].count += bin.count
        }
        let total = Double(bins.reduce(0) { $0 + $1.count })
        merged.sort { $0.count > $1.count }
        var colours: [PaletteColour] = []
        for bin in merged where bin.count > 0 {
            let (red, green, blue) = (bin.red / bin.count, bin.green / bin.count, bin.blue / bin.count)
            let name = ColourName.nearest(to: LabColour(red: Double(red) / 255, green: Double(green) / 255, blue: Double(blue) / 255))
            let share = Double(bin.count) / total
            if let same = colours.firstIndex(where: { $0.name == name }) {
                colours[same].share += share
            } else {
                colours.append(PaletteColour(name: name, hex: hex(red, green, blue), share: share))
            }
        }
        // Swift's sort keeps equal elements in order.
        return colours.filter { $0.share >= smallestShare }.sorted { $0.share > $1.share }.prefix(count)
            .map { PaletteColour(name: $0.name, hex: $0.hex, share: Rounding.round($0.share, decimals: 3)) }
    }

    static func hex(_ red: Int, _ green: Int, _ blue: Int) -> String {
        let digits = Array("0123456789abcdef")
        return "#" + String([red, green, blue].flatMap { [digits[($0 >> 4) & 15], digits[$0 & 15]] })
    }
}
