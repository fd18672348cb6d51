/// Puts right in a model's words what needs no second answer. It only takes away: no word is ever added.
package enum Prose {
    /// A text of more is not worth saving.
    private static let mostSentences = 40

    /// One paragraph: no invisible characters, marks of Markdown, quotation marks around it or label before it; begins with a capital, ends with a full stop.
    package static func paragraph(_ text: String) -> String {
        var text = plain(text)
        text = withoutLabel(text, labels: ["overview", "caption", "description", "summary", "frame"])
        guard let last = text.last else { return "" }
        if !".!?…\"”)".contains(last) { text = trimmingEnd(text, ",;:-–— ") + "." }
        return Phrase.capitalised(text)
    }

    /// A title: a paragraph's cleaning, without a stop at the end; its article goes where it has a word too many.
    package static func title(_ text: String) -> String {
        var text = trimmingEnd(withoutLabel(plain(text), labels: ["title", "frame"]), ".:;,-–— ")
        let words = text.split(separator: " ")
        if Words.count(text) > DescriptionChecks.titleWords.upperBound, let first = words.first, ["the", "a", "an"].contains(first.lowercased()) {
            text = words.dropFirst().joined(separator: " ")
        }
        return Phrase.capitalised(text)
    }

    /// The first sentences, as far as they go within the bound; all of them where even so there would be too few words.
    package static func shortened(_ text: String, to range: ClosedRange<Int>) -> String {
        guard Words.count(text) > range.upperBound else { return text }
        var kept: [String] = []
        var count = 0
        for sentence in Sentences.of(text) {
            count += Words.count(sentence)
            if count > range.upperBound { break }
            kept.append(sentence)
        }
        let short = kept.joined(separator: " ")
        return range.contains(Words.count(short)) ? short : text
    }

    /// Without the sentences in which something is wrong by itself, where enough words are left.
    ///
    /// - Parameter violations: what is wrong with a text besides its length.
    package static func grounded(_ text: String, in range: ClosedRange<Int>, violations: (String) -> [Violation]) -> String {
        guard !violations(text).isEmpty else { return text }
        let sentences = Sentences.of(text)
        guard (2...mostSentences).contains(sentences.count) else { return text }
        var seen: Set<[String]> = []
        let kept = sentences.filter { sentence in
            violations(sentence).isEmpty && seen.insert(Words.of(sentence.lowercased())).inserted
        }
        let rest = kept.joined(separator: " ")
        return range.contains(Words.count(rest)) && violations(rest).isEmpty ? rest : text
    }

    private static func plain(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator: scalars.append(" ")
            case .format, .privateUse, .surrogate, .unassigned: continue
            default: scalars.append(scalar)
            }
        }
        var text = String(scalars).replacing("**", with: "").replacing("__", with: "").replacing("`", with: "")
        text = text.split(separator: " ").joined(separator: " ")
        while let first = text.first, "#*-•>".contains(first), text.count > 1 { text = String(text.dropFirst()).trimmingSpaces }
        for (open, close) in [("\"", "\""), ("“", "”"), ("'", "'"), ("*", "*")] as [(Character, Character)]
        where text.count > 2 && text.first == open && text.last == close && text.dropFirst().dropLast().allSatisfy({ $0 != open && $0 != close }) {
            text = String(text.dropFirst().dropLast()).trimmingSpaces
        }
        return text
    }

    /// `Frame 3: …`, `Caption: …`, `3. …`.
    private static func withoutLabel(_ text: String, labels: [String]) -> String {
        guard let mark = text.prefix(24).firstIndex(where: { $0 == ":" || $0 == "." }) else { return text }
        let rest = text[text.index(after: mark)...].trimmingSpaces
        guard !rest.isEmpty else { return text }
        let words = text[..<mark].lowercased().split(separator: " ")
        let isNumber = words.count == 1 && words[0].count <= 2 && words[0].allSatisfy(\.isNumber)
        let isLabel = text[mark] == ":" && words.first.map { labels.contains(String($0)) } == true && words.dropFirst().allSatisfy { $0.allSatisfy(\.isNumber) }
        return isNumber || isLabel ? rest : text
    }

    private static func trimmingEnd(_ text: String, _ characters: String) -> String {
        var text = text
        while let last = text.last, characters.contains(last) { text.removeLast() }
        return text
    }
}
