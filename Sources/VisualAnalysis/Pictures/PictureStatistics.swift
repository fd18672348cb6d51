import CPictures

/// What one picture looks like as a whole.
package struct PictureStatistics: Hashable, Sendable {
    /// Mean luma, 0…255.
    package var meanLuma: Double
    /// Standard deviation of luma, 0…127.5.
    package var lumaDeviation: Double
    /// Mean distance of the chroma from grey, 0…181.
    package var meanChroma: Double

    package init(_ picture: Thumbnail) {
        var sum = 0, squares = 0
        for sample in picture.luma {
            sum += Int(sample)
            squares += Int(sample) * Int(sample)
        }
        let count = Double(picture.luma.count)
        meanLuma = Double(sum) / count
        lumaDeviation = max(0, Double(squares) / count - meanLuma * meanLuma).squareRoot()
        meanChroma = pictures_chroma(picture.blueDifference, picture.redDifference, picture.luma.count) / count
    }

    /// A black or single-coloured picture shows nothing that could move or be recognised.
    package var isFlat: Bool { lumaDeviation <= 4 }
    package var isBlack: Bool { meanLuma < 18 && lumaDeviation < 6 }
}
