/// An SVG picture that grows shape by shape. All text and attributes are escaped; coordinates are rounded to hundredths of a pixel.
struct SVGDrawing {
    enum Anchor: String {
        case start, middle, end
    }

    private var body: [String] = []

    mutating func rectangle(x: Double, y: Double, width: Double, height: Double, fill: String, title: String? = nil) {
        let shape = "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" fill=\"\(Self.escaped(fill))\""
        body.append(title.map { shape + "><title>\(Self.escaped($0))</title></rect>" } ?? shape + "/>")
    }

    /// Lines of one look, as one path: each from its first point to its last.
    mutating func lines(_ lines: [[(x: Double, y: Double)]], stroke: String, width: Double, opacity: Double = 1) {
        guard !lines.isEmpty else { return }
        body.append("<path d=\"\(lines.map { Self.path($0) }.joined())\" fill=\"none\" stroke=\"\(Self.escaped(stroke))\" stroke-width=\"\(Self.number(width))\""
            + (opacity < 1 ? " stroke-opacity=\"\(Self.number(opacity))\"" : "") + "/>")
    }

    mutating func polygon(_ points: [(x: Double, y: Double)], fill: String, title: String? = nil) {
        guard points.count > 2 else { return }
        let shape = "<path d=\"\(Self.path(points))Z\" fill=\"\(Self.escaped(fill))\""
        body.append(title.map { shape + "><title>\(Self.escaped($0))</title></path>" } ?? shape + "/>")
    }

    /// - Parameter y: of the base line.
    mutating func text(_ text: String, x: Double, y: Double, size: Double = 11, fill: String = "#333", anchor: Anchor = .start, isBold: Bool = false) {
        body.append("<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" font-size=\"\(Self.number(size))\" fill=\"\(Self.escaped(fill))\" text-anchor=\"\(anchor.rawValue)\""
            + (isBold ? " font-weight=\"bold\"" : "") + ">\(Self.escaped(text))</text>")
    }

    /// The whole picture: an XML document that needs nothing else.
    ///
    /// - Parameters: what it shows, in one line and in more, for those who do not see it.
    func document(width: Double, height: Double, title: String, description: String) -> String {
        let size = "width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" viewBox=\"0 0 \(Self.number(width)) \(Self.number(height))\""
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <svg xmlns="http://www.w3.org/2000/svg" \(size) role="img" font-family="Helvetica, Arial, 'DejaVu Sans', sans-serif">
            <title>\(Self.escaped(title))</title>
            <desc>\(Self.escaped(description))</desc>
            \(body.joined(separator: "\n"))
            </svg>

            """
    }

    /// How wide a text will be, about, in pixels.
    static func width(of text: String, size: Double = 11) -> Double { 0.6 * size * Double(text.count) }

    /// Text as XML has it. What XML 1.0 cannot hold at all, such as control characters, becomes U+FFFD.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result += " "
            case "\u{0}" ..< " ", "\u{7F}" ... "\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// At most two decimals, never in exponential form, never "nan".
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let hundredths = Int((min(max(value, -1e6), 1e6) * 100).rounded())
        let (whole, part) = (abs(hundredths) / 100, abs(hundredths) % 100)
        let sign = hundredths < 0 ? "-" : ""
        if part == 0 { return "\(sign)\(whole)" }
        return part % 10 == 0 ? "\(sign)\(whole).\(part / 10)" : "\(sign)\(whole).\(part < 10 ? "0" : "")\(part)"
    }

    private static func path(_ points: [(x: Double, y: Double)]) -> String {
        points.enumerated().map { "\($0 == 0 ? "M" : "L")\(number($1.x)) \(number($1.y))" }.joined()
    }
}
