import Glibc

/// The plot's colours, as CSS writes them.
enum PlotColours {
    static let text = "#1f2933"
    static let quiet = "#7b8794"
    static let rule = "#d9e2ec"
    static let waveform = "#9fb3c8"
    static let level = "#486581"
    static let beat = "#9fb3c8"
    static let downbeat = "#ba2525"
    static let energy = "#fbe3a6"
    static let energyEdge = "#b44d12"
    static let noChord = "#e4e7eb"
    private static let sections = ["#bcd9ea", "#f7d9c4", "#c9e4ca", "#e2d2ef", "#f6e6b4", "#f3c6d3"]

    static func section(_ index: Int) -> String { sections[index % sections.count] }

    /// Roots a fifth apart have neighbouring hues; what is not major is darker. No chord is grey.
    static func chord(_ label: String) -> String {
        guard let root = PlotText.root(ofChord: label) else { return noChord }
        let hue = Double(root * 7 % 12) * 30
        let isMinor = PlotText.isDark(chord: label)
        return hex(hue: hue, saturation: isMinor ? 0.42 : 0.6, lightness: isMinor ? 0.68 : 0.8)
    }

    private static func hex(hue: Double, saturation: Double, lightness: Double) -> String {
        let reach = saturation * min(lightness, 1 - lightness)
        return [0.0, 8, 4].reduce(into: "#") { text, offset in
            let k = fmod(offset + hue / 30, 12)
            let value = Int(((lightness - reach * max(-1, min(k - 3, 9 - k, 1))) * 255).rounded())
            text += (value < 16 ? "0" : "") + String(value, radix: 16)
        }
    }
}
