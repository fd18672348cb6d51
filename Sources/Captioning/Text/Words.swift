/// Words of a text, for counting and comparing.
enum Words {
    /// Runs of letters, digits, `#`, and the apostrophes and hyphens between them.
    static func of(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        func isInner(_ character: Character) -> Bool { character == "'" || character == "’" || character == "-" || character == "/" }
        for character in text {
            if character.isLetter || character.isNumber || character == "#" || (isInner(character) && !word.isEmpty) {
                word.append(character)
            } else if !word.isEmpty {
                words.append(word)
                word = ""
            }
        }
        if !word.isEmpty { words.append(word) }
        return words.map { word in
            var word = word
            while let last = word.last, isInner(last) { word.removeLast() }
            return word
        }
    }

    static func count(_ text: String) -> Int { of(text).count }
}

/// Sentences of a text.
enum Sentences {
    /// Split after `.`, `!` or `?` before white space.
    static func of(_ text: String) -> [String] {
        var sentences: [String] = []
        var sentence = ""
        var isEnding = false
        for character in text {
            if isEnding, character.isWhitespace {
                sentences.append(sentence)
                sentence = ""
                isEnding = false
                continue
            }
            sentence.append(character)
            isEnding = ".!?".contains(character)
        }
        if !sentence.isEmpty { sentences.append(sentence) }
        return sentences
    }
}
