/// Brings text from outside into a prompt so that the model takes none of it for the prompt's own structure.
///
/// Music is put in between texts that are tokenised on their own, never where `<Audio>` stands in one. What is left are texts that were structure in training: a
/// space goes into each, after its first character, so that it reads the same to a person and has other tokens. These are
/// - three or more `#` in a row, which begin a turn (`### Human:`) and end an answer: a space after each,
/// - tags of letters and digits (`<Audio>`, `</Img>`, `</s>`, `<0x0A>`), and the tokenizer's added tokens however they are written (`[IMG0]`),
/// - `USER:` and `ASSISTANT:` in capitals, the turns of Vicuna.
///
/// Other text stays as it is, to the byte, but for control characters: they become spaces, in tags line feeds as well. Spaces are only put in, and nothing
/// that is looked for holds one, so that nothing new comes about.
struct QuotedText {
    /// The tokenizer's added tokens.
    let reserved: [String]

    private static let turns = ["USER:", "ASSISTANT:"]

    /// One line: a genre, a type.
    func tag(_ text: String) -> String { quoted(text, keepsLines: false) }

    /// One or more lines.
    func text(_ text: String) -> String { quoted(text, keepsLines: true) }

    private func quoted(_ text: String, keepsLines: Bool) -> String {
        let scalars = Array(text.unicodeScalars)
        let reserved = (reserved + Self.turns).map { Array($0.unicodeScalars) }.filter { $0.count > 1 }
        var result = String.UnicodeScalarView()
        for (place, scalar) in scalars.enumerated() {
            result.append(Self.isControl(scalar) && !(keepsLines && scalar == "\n") ? " " : scalar)
            if Self.isInRunOfHashes(scalars, place) || Self.beginsTag(scalars, at: place) || reserved.contains(where: { scalars[place...].starts(with: $0) }) { result.append(" ") }
        }
        return String(result)
    }

    /// Whether a hash stands at `place`, one of three or more in a row.
    private static func isInRunOfHashes(_ scalars: [Unicode.Scalar], _ place: Int) -> Bool {
        guard scalars[place] == "#" else { return false }
        let before = scalars[..<place].suffix(2).reversed().prefix { $0 == "#" }.count
        let after = scalars[place...].prefix(3).prefix { $0 == "#" }.count
        return before + after >= 3
    }

    /// Letters that a tag has at most.
    private static let longestTag = 32

    private static func beginsTag(_ scalars: [Unicode.Scalar], at place: Int) -> Bool {
        guard scalars[place] == "<" else { return false }
        var name = scalars[(place + 1)...].prefix(longestTag + 2)
        if name.first == "/" { name = name.dropFirst() }
        let letters = name.prefix { $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || $0 == "_") }
        return !letters.isEmpty && name.dropFirst(letters.count).first == ">"
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .lineSeparator || scalar.properties.generalCategory == .paragraphSeparator
    }
}
