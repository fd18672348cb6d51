/// The parts of a text that can be true or false: numbers with what stands around them, keys and chords.
struct ClaimWords {
    struct Number {
        var value: Double
        var text: String
        var isDigits: Bool
        /// The word before, lower case.
        var preceding: String
        /// The two words after, lower case.
        var following: String
        var place: Int
    }

    struct TonalityClaim {
        var tonality: Tonality
        /// True where the text calls it the key.
        var isKey: Bool
    }

    /// The text's words in lower case, between single spaces.
    let folded: String
    let numbers: [Number]
    let tonalities: [TonalityClaim]
    /// Of `a minor key`, `a major tonality`.
    let modes: [Mode]
    private let words: [String]

    init(_ text: String) {
        let normal = String(text.map { character -> Character in
            switch character {
            case "♯": "#"
            case "♭": "b"
            case "-", "–", "/": " "
            default: character
            }
        })
        let words = Self.tokens(normal)
        let lower = words.map { $0.lowercased() }
        self.words = lower
        folded = " " + lower.joined(separator: " ") + " "
        numbers = Self.numbers(lower)
        var claims: [TonalityClaim] = []
        var modes: [Mode] = []
        for sentence in Sentences.of(normal) {
            let words = Self.tokens(sentence)
            let found = Self.tonalities(words, words.map { $0.lowercased() })
            claims += found.0
            modes += found.1
        }
        tonalities = claims
        self.modes = modes
    }

    /// True where `word` stands right before the word before this number.
    func before(_ number: Number, _ word: String) -> Bool {
        number.place >= 2 && words[number.place - 2] == word
    }

    /// Words, with decimal points kept inside numbers.
    private static func tokens(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).flatMap { part -> [String] in
            let bare = part.drop { !$0.isNumber && !$0.isLetter }
            var number = bare.prefix { $0.isNumber || $0 == "." }
            while number.last == "." { number.removeLast() }
            if !number.isEmpty, Double(number) != nil { return [String(number)] + Words.of(String(bare.dropFirst(number.count))) }
            return Words.of(String(part))
        }
    }

    private static func numbers(_ words: [String]) -> [Number] {
        words.indices.compactMap { place in
            let word = words[place]
            let isDigits = word.first?.isNumber == true
            guard let value = isDigits ? Double(word.filter { $0.isASCII }) : Phrase.value(ofNumberWord: word).map(Double.init) else { return nil }
            let after = words[(place + 1)...].prefix(2).joined(separator: " ")
            return Number(value: value, text: word, isDigits: isDigits, preceding: place > 0 ? words[place - 1] : "", following: after, place: place)
        }
    }

    private static func tonalities(_ words: [String], _ lower: [String]) -> ([TonalityClaim], [Mode]) {
        var claims: [TonalityClaim] = []
        var modes: [Mode] = []
        for place in lower.indices {
            let mode: Mode
            switch lower[place] {
            case "major", "maj": mode = .major
            case "minor", "min": mode = .minor
            default: continue
            }
            if place + 1 < lower.count, ["key", "tonality", "mode"].contains(lower[place + 1]) { modes.append(mode) }
            var root = place - 1
            var accidental = ""
            if root >= 0, lower[root] == "flat" || lower[root] == "sharp" {
                accidental = lower[root] == "flat" ? "b" : "#"
                root -= 1
            }
            guard root >= 0, let pitch = Pitch(words[root] + accidental) else { continue }
            // `A minor change` is English.
            if words[root] == "A", accidental.isEmpty, place + 1 < lower.count, !chordContext.contains(lower[place + 1]), root == 0 { continue }
            let context = lower[max(0, root - 4)..<root]
            claims.append(TonalityClaim(tonality: Tonality(root: pitch, mode: mode), isKey: context.contains("key") || context.contains("centre")))
        }
        return (claims, modes)
    }

    private static let chordContext: Set<String> = ["and", "or", "chord", "chords", "to", "sounds", "carries", "is", "before", "then", "key", "scale", "triad"]
}
