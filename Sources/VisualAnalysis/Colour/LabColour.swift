import Foundation

/// A colour in CIE L*a*b* (D65), where distance is about what the eye sees.
package struct LabColour: Hashable, Sendable {
    /// Lightness 0…100; a* green to red, b* blue to yellow, about −100…100.
    package var lightness: Double
    package var a: Double
    package var b: Double

    package init(lightness: Double, a: Double, b: Double) {
        self.lightness = lightness
        self.a = a
        self.b = b
    }

    /// From sRGB components 0…1 (IEC 61966-2-1, CIE 15:2004).
    package init(red: Double, green: Double, blue: Double) {
        func linear(_ value: Double) -> Double { value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4) }
        let r = linear(red), g = linear(green), b = linear(blue)
        func f(_ t: Double) -> Double { t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116 }
        let x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047)
        let y = f(0.2126729 * r + 0.7151522 * g + 0.0721750 * b)
        let z = f((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883)
        self.init(lightness: 116 * y - 16, a: 500 * (x - y), b: 200 * (y - z))
    }

    package var chroma: Double { (a * a + b * b).squareRoot() }

    func squaredDistance(to other: LabColour) -> Double {
        let l = lightness - other.lightness, a = a - other.a, b = b - other.b
        return l * l + a * a + b * b
    }
}

extension Thumbnail {
    /// sRGB of one sample, 0…255 each (JFIF's inverse matrix).
    func rgb(_ index: Int) -> (red: Int, green: Int, blue: Int) {
        let y = Double(luma[index]), blue = Double(blueDifference[index]) - 128, red = Double(redDifference[index]) - 128
        func sample(_ value: Double) -> Int { min(max(Int(value.rounded()), 0), 255) }
        return (sample(y + 1.402 * red), sample(y - 0.344136 * blue - 0.714136 * red), sample(y + 1.772 * blue))
    }
}

extension Thumbnail {
    /// The mean colour, as sRGB `#rrggbb`.
    var meanHex: String {
        var red = 0, green = 0, blue = 0
        for index in luma.indices {
            let colour = rgb(index)
            red += colour.red
            green += colour.green
            blue += colour.blue
        }
        return Palette.hex(red / luma.count, green / luma.count, blue / luma.count)
    }
}
