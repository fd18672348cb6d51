/// Pieces that are never cut, found at a text's beginning.
struct UserDefinedPieces: Sendable {
    /// By their first bytes, the longest first.
    private let pieces: [UInt8: [ArraySlice<UInt8>]]

    init(_ model: SentencePieceModel) {
        let texts = model.pieces.filter { $0.kind == .userDefined }.map(\.text)
        pieces = Dictionary(grouping: texts) { $0.first ?? 0 }.mapValues { $0.sorted { $0.count > $1.count } }
    }

    /// Bytes of the longest piece that the text begins with.
    func longestPrefix(of text: ArraySlice<UInt8>) -> Int? {
        guard let first = text.first, let candidates = pieces[first] else { return nil }
        return candidates.first { text.starts(with: $0) }?.count
    }
}
