import CPictures

/// How different two pictures are.
package enum PictureDistance {
    /// Mean absolute difference of luma, plus half that of both chroma planes; 0…510. Pictures of different size are as far apart as can be.
    package static func blocks(_ a: Thumbnail, _ b: Thumbnail) -> Double {
        guard a.hasSize(of: b) else { return 510 }
        let luma = sum(a.luma, b.luma), blue = sum(a.blueDifference, b.blueDifference), red = sum(a.redDifference, b.redDifference)
        return (Double(luma) + 0.5 * Double(blue + red)) / Double(a.luma.count)
    }

    /// Mean absolute difference of luma, 0…255.
    package static func luma(_ a: Thumbnail, _ b: Thumbnail) -> Double {
        guard a.hasSize(of: b) else { return 255 }
        return Double(sum(a.luma, b.luma)) / Double(a.luma.count)
    }

    /// Sum of absolute differences over two planes of one size.
    static func sum(_ a: [UInt8], _ b: [UInt8]) -> Int {
        Int(pictures_absolute_differences(a, b, min(a.count, b.count)))
    }

    /// Share of samples whose luma, or whose chroma, differs by more than `threshold` levels; 0…1.
    package static func changedShare(_ a: Thumbnail, _ b: Thumbnail, threshold: Int) -> Double {
        guard a.hasSize(of: b) else { return 1 }
        var changed = 0
        for index in a.luma.indices
        where abs(Int(a.luma[index]) - Int(b.luma[index])) > threshold || abs(Int(a.blueDifference[index]) - Int(b.blueDifference[index])) > threshold
            || abs(Int(a.redDifference[index]) - Int(b.redDifference[index])) > threshold { changed += 1 }
        return Double(changed) / Double(a.luma.count)
    }

    /// Correlation of luma after removing both means, −1…1: 1 for one scene under another light. Near 0 where a picture is flat.
    package static func correlation(_ a: Thumbnail, _ b: Thumbnail) -> Double {
        guard a.hasSize(of: b) else { return -1 }
        return correlation(a, b, shiftX: 0, shiftY: 0, step: 1)
    }

    /// The best correlation over shifts of up to an eighth of the picture: near 1 where a picture moved as a whole.
    package static func shiftedCorrelation(_ a: Thumbnail, _ b: Thumbnail) -> Double {
        guard a.hasSize(of: b) else { return -1 }
        let reachX = max(1, a.width / 8), reachY = max(1, a.height / 8)
        var best = -1.0
        for shiftY in stride(from: -reachY, through: reachY, by: 1) {
            for shiftX in stride(from: -reachX, through: reachX, by: 1) {
                best = max(best, correlation(a, b, shiftX: shiftX, shiftY: shiftY, step: 2))
            }
        }
        return best
    }

    private static func correlation(_ a: Thumbnail, _ b: Thumbnail, shiftX: Int, shiftY: Int, step: Int) -> Double {
        let left = max(0, -shiftX), right = min(a.width, a.width - shiftX)
        let top = max(0, -shiftY), bottom = min(a.height, a.height - shiftY)
        guard right > left, bottom > top else { return -1 }
        var count = 0, sumA = 0, sumB = 0, squaresA = 0, squaresB = 0, products = 0
        for y in stride(from: top, to: bottom, by: step) {
            let rowA = y * a.width, rowB = (y + shiftY) * a.width + shiftX
            for x in stride(from: left, to: right, by: step) {
                let p = Int(a.luma[rowA + x]), q = Int(b.luma[rowB + x])
                sumA &+= p; sumB &+= q
                squaresA &+= p &* p; squaresB &+= q &* q; products &+= p &* q
                count &+= 1
            }
        }
        let n = Double(count), meanA = Double(sumA) / n, meanB = Double(sumB) / n
        let varianceA = Double(squaresA) / n - meanA * meanA, varianceB = Double(squaresB) / n - meanB * meanB
        // 0.25: what rounding to integers adds to a variance; keeps two flat pictures from correlating by their noise.
        return (Double(products) / n - meanA * meanB) / ((max(varianceA, 0) * max(varianceB, 0)).squareRoot() + 0.25)
    }
}
