/// Finds passages of the lyrics in a text. Words in a row are shared by chance; six are a quotation.
package struct LyricQuotes: Sendable {
    /// Words in a row. In scripts that write no spaces each sign counts, and twice as many are needed.
    package static let length = 6
    /// Words that are looked at; a hostile catalogue may hold a megabyte.
    private static let mostWords = 20_000

    private let passages: Set<UInt64>
    private let signs: Set<UInt64>

    /// Nil where the lyrics are too short to be quoted.
    package init?(_ lyrics: String?) {
        guard let lyrics else { return nil }
        let words = Self.words(String(lyrics.prefix(8 * Self.mostWords)))
        passages = Set(Self.passages(words, Self.length).filter { !$0.isSigns }.map(\.hash))
        signs = Set(Self.passages(words, 2 * Self.length).filter(\.isSigns).map(\.hash))
        if passages.isEmpty && signs.isEmpty { return nil }
    }

    /// The first passage that stands in the lyrics too.
    package func first(in text: String) -> String? {
        let words = Self.words(text)
        for passage in Self.passages(words, Self.length) where !passage.isSigns && passages.contains(passage.hash) {
            return words[passage.start..<(passage.start + Self.length)].joined(separator: " ")
        }
        for passage in Self.passages(words, 2 * Self.length) where passage.isSigns && signs.contains(passage.hash) {
            return words[passage.start..<(passage.start + 2 * Self.length)].joined()
        }
        return nil
    }

    private static func passages(_ words: [String], _ length: Int) -> [(start: Int, hash: UInt64, isSigns: Bool)] {
        guard words.count >= length else { return [] }
        let hashes = words.map { StableHash.of($0) }
        let areSigns = words.map { $0.unicodeScalars.first.map(isSign) ?? false }
        return (0...(words.count - length)).map { start in
            let hash = hashes[start..<(start + length)].reduce(UInt64(0)) { StableHash.mix($0 &* 31 &+ $1) }
            return (start, hash, areSigns[start..<(start + length)].allSatisfy { $0 })
        }
    }

    private static func words(_ text: String) -> [String] {
        var all: [String] = []
        for word in Words.of(text.lowercased()) {
            guard all.count < mostWords else { break }
            if word.unicodeScalars.contains(where: isSign) {
                all += word.map { String($0) }
            } else {
                let plain = word.filter { $0.isLetter || $0.isNumber }
                // Marks alone are no word.
                if !plain.isEmpty { all.append(plain) }
            }
        }
        return all
    }

    /// Han, kana, Thai, Lao, Khmer, Burmese: written without spaces between words.
    private static func isSign(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0x20000...0x3FFFF: true
        default: false
        }
    }
}
