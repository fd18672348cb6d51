/// Joins a text's characters, pair by pair, the best-scored pair first and the leftmost of equals, until no pair is a piece.
struct BytePairSegmentation {
    private struct Symbol {
        /// Within the text; empty when it has become part of its left neighbour.
        var range: Range<Int>
        var previous: Int
        var next: Int
        /// Joined with nothing.
        var isFrozen: Bool
    }

    /// The pieces, one after another.
    let symbols: [ArraySlice<UInt8>]

    init(_ text: [UInt8], _ model: SentencePieceModel, _ userDefined: UserDefinedPieces) {
        var symbols = Self.characters(text, userDefined)
        var agenda = PairHeap()
        // What an unused piece was made of, for such pieces are taken apart again.
        var parts: [ArraySlice<UInt8>: (ArraySlice<UInt8>, ArraySlice<UInt8>)] = [:]

        func consider(_ left: Int, _ right: Int) {
            guard left >= 0, right >= 0, !symbols[left].isFrozen, !symbols[right].isFrozen else { return }
            let range = symbols[left].range.lowerBound ..< symbols[right].range.upperBound
            guard let id = model.normalIDs[text[range]] else { return }
            agenda.push(PairHeap.Pair(left: left, right: right, score: model.pieces[Int(id)].score, size: range.count))
            if model.pieces[Int(id)].kind == .unused { parts[text[range]] = (text[symbols[left].range], text[symbols[right].range]) }
        }

        for index in symbols.indices.dropFirst() { consider(index - 1, index) }
        while let pair = agenda.pop() {
            let (left, right) = (pair.left, pair.right)
            guard !symbols[left].range.isEmpty, !symbols[right].range.isEmpty, symbols[left].range.count + symbols[right].range.count == pair.size else { continue }
            symbols[left].range = symbols[left].range.lowerBound ..< symbols[right].range.upperBound
            symbols[left].next = symbols[right].next
            if symbols[right].next >= 0 { symbols[symbols[right].next].previous = left }
            symbols[right].range = 0 ..< 0
            consider(symbols[left].previous, left)
            consider(left, symbols[left].next)
        }
        var result: [ArraySlice<UInt8>] = []
        var index = symbols.isEmpty ? -1 : 0
        while index >= 0 {
            var pending = [text[symbols[index].range]]
            while let symbol = pending.popLast() {
                // An unused piece's parts are shorter than itself: this ends.
                if model.pieces[Int(model.id(symbol))].kind == .unused, let (left, right) = parts[symbol] { pending += [right, left] } else { result.append(symbol) }
            }
            index = symbols[index].next
        }
        self.symbols = result
    }

    /// One symbol a character, or a piece of the user's own.
    private static func characters(_ text: [UInt8], _ userDefined: UserDefinedPieces) -> [Symbol] {
        var result: [Symbol] = []
        var at = 0
        while at < text.count {
            let fixed = userDefined.longestPrefix(of: text[at...])
            // Text comes from a string, and is valid UTF-8.
            let length = fixed ?? min(text[at] < 0xC0 ? 1 : text[at] < 0xE0 ? 2 : text[at] < 0xF0 ? 3 : 4, text.count - at)
            let index = result.count
            result.append(Symbol(range: at ..< at + length, previous: index - 1, next: index + 1, isFrozen: fixed != nil))
            at += length
        }
        if !result.isEmpty { result[result.count - 1].next = -1 }
        return result
    }
}
