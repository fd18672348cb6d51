/// Passes text on until one of some stop texts comes, wherever the pieces that it arrives in begin and end.
///
/// Text that may turn out to be the beginning of a stop text is held back until it is known not to be one. Compared byte by byte: a carriage return
/// before a line feed, one character to Swift, does not hide a stop text that begins with the line feed.
public struct StopScanner: Sendable {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []
    /// A stop text has come: what follows is dropped.
    public private(set) var isStopped = false

    public init(stops: [String]) {
        self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
    }

    /// - Returns: what of the text so far may be passed on now.
    public mutating func append(_ text: String) -> String {
        guard !isStopped else { return "" }
        held += text.utf8
        if let place = stops.compactMap({ held.place(of: $0) }).min() {
            isStopped = true
            defer { held = [] }
            return String(decoding: held[..<place], as: UTF8.self)
        }
        // Invariant: a stop text begins with the first byte of a character, and so does what is held of it.
        let keep = stops.map { held.longestEnd(beginning: $0) }.max() ?? 0
        defer { held.removeFirst(held.count - keep) }
        return String(decoding: held[..<(held.count - keep)], as: UTF8.self)
    }

    /// What is still held back when the text has ended.
    public mutating func finish() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Where `pattern` first occurs.
    fileprivate func place(of pattern: [UInt8]) -> Int? {
        guard count >= pattern.count else { return nil }
        return (0 ... count - pattern.count).first { self[$0] == pattern[0] && self[$0 ..< $0 + pattern.count].elementsEqual(pattern) }
    }

    /// The length of the longest end of these bytes that begins, but is not all of, `pattern`.
    fileprivate func longestEnd(beginning pattern: [UInt8]) -> Int {
        (0 ..< Swift.min(pattern.count, count + 1)).last { suffix($0).elementsEqual(pattern[..<$0]) } ?? 0
    }
}
