/// What any text of a description must be, whatever it says: plain English prose that does not go round in circles.
package enum TextForm {
    /// Letters from which on a language can be told.
    private static let enoughLetters = 20
    /// Share of letters of the Latin script in English prose with a foreign word in it.
    private static let latinShare = 0.9
    /// Words from which on a sentence that comes twice is a repetition.
    private static let longSentence = 4

    package static func hasForeignCharacters(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .privateUse, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }

    private static let marks = ["http", "**", "```", "__"].map { Array($0.utf8) }

    package static func hasMarkup(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if bytes.contains(where: { "{}<>".utf8.contains($0) }) { return true }
        return bytes.indices.contains { place in marks.contains { bytes[place...].starts(with: $0) } }
    }

    package static func isOtherScript(_ text: String) -> Bool {
        let letters = text.unicodeScalars.filter { $0.properties.isAlphabetic }
        guard letters.count >= enoughLetters else { return false }
        let latin = letters.count { $0.isASCII || (0xC0...0x24F).contains($0.value) || (0x1E00...0x1EFF).contains($0.value) }
        return Double(latin) < latinShare * Double(letters.count)
    }

    /// A sentence that comes twice.
    package static func repeatedSentence(in text: String) -> String? {
        var seen: Set<[String]> = []
        for sentence in Sentences.of(text) {
            let words = Words.of(sentence.lowercased())
            if words.count >= longSentence, !seen.insert(words).inserted { return String(sentence.prefix(60)) }
        }
        return nil
    }
}
