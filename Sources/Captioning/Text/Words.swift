/// Words of a text, for counting and comparing.
enum Words {
    /// Runs of letters, digits, `#`, and the apostrophes and hyphens between them.
    static func of(_ text: String) -> [String] {
        asciiWords(text) ?? anyWords(text)
    }

    /// The same for a text of ASCII, as nearly all are, without asking Unicode about every character; nil for another.
    private static func asciiWords(_ text: String) -> [String]? {
        var words: [String] = []
        var word: [UInt8] = []
        func finish() {
            while let last = word.last, isInner(last) { word.removeLast() }
            words.append(String(decoding: word, as: UTF8.self))
            word.removeAll(keepingCapacity: true)
        }
        func isInner(_ byte: UInt8) -> Bool { byte == 39 || byte == 45 || byte == 47 }
        for byte in text.utf8 {
            switch byte {
            case 128...: return nil
            case 65...90, 97...122, 48...57, 35: word.append(byte)
            case 39 where !word.isEmpty, 45 where !word.isEmpty, 47 where !word.isEmpty: word.append(byte)
            default: if !word.isEmpty { finish() }
            }
        }
        if !word.isEmpty { finish() }
        return words
    }

    private static func anyWords(_ text: String) -> [String] {
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
            isEnding = character == "." || character == "!" || character == "?"
        }
        if !sentence.isEmpty { sentences.append(sentence) }
        return sentences
    }
}
