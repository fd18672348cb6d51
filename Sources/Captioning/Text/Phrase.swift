/// Small arts of English: filling templates, articles, lists, numbers as words.
enum Phrase {
    /// `{name}` becomes the slot's text; `{a name}` and `{A name}` put `a` or `an` before it.
    static func fill(_ template: String, _ slots: [String: String]) -> String {
        var text = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            text += rest[..<open]
            let name = String(rest[rest.index(after: open)..<close])
            if name.hasPrefix("a ") || name.hasPrefix("A ") {
                text += withArticle(slots[String(name.dropFirst(2)), default: ""])
            } else {
                text += slots[name, default: ""]
            }
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    /// One sentence: first letter in upper case, one full stop at the end.
    static func sentence(_ template: String, _ slots: [String: String] = [:]) -> String {
        let text = fill(template, slots)
        let ended = text.last.map { ".!?".contains($0) } == true ? text : text + "."
        return capitalised(ended)
    }

    static func capitalised(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }

    static func withArticle(_ text: String) -> String {
        let lower = text.lowercased()
        let isVowel = "aeio".contains(lower.first ?? " ") || lower.hasPrefix("un") || lower.hasPrefix("up")
        return (isVowel ? "an " : "a ") + text
    }

    /// `a`, `a and b`, `a, b and c`.
    static func list(_ items: [String]) -> String {
        guard let last = items.last else { return "" }
        return items.count == 1 ? last : items.dropLast().joined(separator: ", ") + " and " + last
    }

    private static let smallNumbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]

    /// A whole number, in words up to twelve.
    static func number(_ value: Int) -> String {
        smallNumbers.indices.contains(value) ? smallNumbers[value] : String(value)
    }

    static func value(ofNumberWord word: String) -> Int? {
        word == "no" ? nil : smallNumbers.firstIndex(of: word)
    }

    /// `one cut`, `five cuts`.
    static func count(_ value: Int, _ noun: String) -> String {
        number(value) + " " + noun + (value == 1 ? "" : "s")
    }
}

extension Double {
    /// Rounded to thousandths; nil for what JSON cannot carry.
    var thousandths: Double? {
        isFinite && abs(self) < 1e9 ? (self * 1000).rounded() / 1000 : nil
    }

    /// Itself where it is a number in 0…1, nil otherwise.
    var asShare: Double? { (0...1).contains(self) ? self : nil }
}
