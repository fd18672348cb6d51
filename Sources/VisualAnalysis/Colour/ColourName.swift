/// Everyday names of colours: the eleven basic terms of English (Berlin & Kay 1969) with a few that a video's description needs besides.
package enum ColourName {
    private static let samples: [(name: String, red: Int, green: Int, blue: Int)] = [
        ("black", 0, 0, 0), ("black", 22, 22, 22), ("dark grey", 64, 64, 64), ("grey", 120, 120, 120), ("light grey", 190, 190, 190),
        ("white", 255, 255, 255), ("white", 238, 238, 236),
        ("red", 220, 30, 35), ("dark red", 120, 15, 20), ("dark red", 80, 15, 18), ("pink", 245, 160, 185), ("magenta", 220, 50, 160),
        ("orange", 245, 140, 25), ("brown", 120, 75, 40), ("brown", 80, 50, 30), ("brown", 150, 105, 75), ("dark brown", 50, 32, 22), ("beige", 222, 200, 165), ("beige", 190, 165, 135),
        ("yellow", 250, 220, 50), ("gold", 205, 160, 50), ("olive", 115, 115, 45), ("green", 50, 150, 60), ("dark green", 20, 70, 35), ("light green", 155, 215, 130),
        ("teal", 25, 125, 125), ("turquoise", 70, 205, 200), ("light blue", 150, 195, 235), ("blue", 35, 85, 200), ("blue", 70, 120, 175), ("dark blue", 20, 30, 90),
        ("purple", 115, 45, 150), ("dark purple", 55, 25, 75), ("lavender", 185, 165, 225),
    ]

    private static let table: [(name: String, colour: LabColour)] = samples.map {
        ($0.name, LabColour(red: Double($0.red) / 255, green: Double($0.green) / 255, blue: Double($0.blue) / 255))
    }

    /// The name of the nearest sample in L*a*b*; of equally near ones the first.
    package static func nearest(to colour: LabColour) -> String {
        var best = "grey", bestDistance = Double.infinity
        for (name, sample) in table {
            let distance = colour.squaredDistance(to: sample)
            if distance < bestDistance { (best, bestDistance) = (name, distance) }
        }
        return best
    }
}
