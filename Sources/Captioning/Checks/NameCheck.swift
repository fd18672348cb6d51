/// Finds titles and names in a text. A name may be an ordinary word (`Blue`, `The Cut`): such a name counts only where it is written as a name.
struct NameCheck: Sendable {
    private let names: [(name: String, words: [String], isOrdinary: Bool)]

    /// - Parameter colours: names of colours in the facts; they are ordinary words too.
    init(names: [String], colours: [String]) {
        let colourWords = Set(colours.flatMap { Words.of($0.lowercased()) })
        self.names = names.prefix(20).compactMap { name in
            let words = Words.of(String(name.prefix(300)).lowercased())
            // One or two letters (`M`, `X`, `U2`) would be found in any text.
            guard words.joined().count >= 3 else { return nil }
            // The kinds of video are written with capitals and are no names.
            guard !MVType.allCases.contains(where: { Words.of($0.rawValue.lowercased()) == words }) else { return nil }
            let isOrdinary = words.allSatisfy { OrdinaryWords.contains($0) || colourWords.contains($0) || $0.allSatisfy(\.isNumber) }
            return (name, words, isOrdinary)
        }
    }

    func found(in text: String, isTitle: Bool) -> [String] {
        var found: [String] = []
        for sentence in Sentences.of(text) {
            let words = Words.of(sentence)
            let folded = words.map { $0.lowercased() }
            for name in names where !found.contains(name.name) && contains(name, words, folded, isTitle: isTitle) { found.append(name.name) }
        }
        return found
    }

    private func contains(_ name: (name: String, words: [String], isOrdinary: Bool), _ words: [String], _ folded: [String], isTitle: Bool) -> Bool {
        let length = name.words.count
        guard folded.count >= length else { return false }
        return (0...(folded.count - length)).contains { start in
            guard folded[start] == name.words[0], folded[start..<(start + length)].elementsEqual(name.words) else { return false }
            let isCapitalised = words[start..<(start + length)].allSatisfy { $0.first?.isLowercase == false }
            switch (name.isOrdinary, length) {
            // An ordinary word says nothing; ordinary words in a row with capitals inside a sentence are a name.
            case (true, 1): return false
            case (true, _): return isCapitalised && start > 0 && !isTitle
            // `umbrella` is a thing, `Umbrella` a name.
            case (false, 1): return isCapitalised
            case (false, _): return true
            }
        }
    }
}
