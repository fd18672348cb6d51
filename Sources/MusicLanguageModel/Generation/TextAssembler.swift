/// Tokens to text as they come: what is passed on together is the text of all tokens at once.
///
/// A character that several tokens hold in bytes is passed on with the last of them. A few tokens that were passed on before stay in view, because the first
/// token's leading space is no part of a text and any other's is.
public struct TextAssembler: Sendable {
    private let tokenizer: any TextTokenizer
    private var window: [Int32] = []
    /// Of the window, those whose text has been passed on.
    private var passed = 0

    private static let kept = 8
    /// Tokens that are waited for in the hope of a whole character; one has four bytes at most.
    private static let longestWait = 8

    public init(_ tokenizer: any TextTokenizer) { self.tokenizer = tokenizer }

    /// - Returns: the text that has become whole.
    public mutating func append(_ token: Int32) -> String {
        window.append(token)
        return pass(isLast: false)
    }

    /// What is left when no more tokens come.
    public mutating func finish() -> String { pass(isLast: true) }

    private mutating func pass(isLast: Bool) -> String {
        guard passed < window.count else { return "" }
        let before = Array(tokenizer.decode(Array(window[..<passed])).utf8), text = tokenizer.decode(window)
        if !isLast, text.unicodeScalars.last == "\u{fffd}", window.count - passed < Self.longestWait { return "" }
        let after = Array(text.utf8)
        // Invariant: both texts begin with the same tokens' text, so that they part at a character's beginning.
        let new = after.starts(with: before) ? after.dropFirst(before.count) : []
        window.removeFirst(max(0, window.count - Self.kept))
        passed = window.count
        return String(decoding: new, as: UTF8.self)
    }
}
