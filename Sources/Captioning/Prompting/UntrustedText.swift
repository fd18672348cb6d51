/// Text that others wrote, made harmless to the form of a prompt. What it says stays what it says; it can only neither end the block that it
/// stands in nor look like the marks that models take apart from text.
///
/// - Control characters, invisible ones, marks of direction, private and unassigned code points are left out; ends of lines become line feeds.
/// - `<` and `>` become `‹` and `›`: fences, tags and the special tokens of models (`<|im_start|>`, `<s>`, `<image>`) are made of them.
/// - `[INST]` and other words in capitals between brackets that servers read as tokens get round brackets; `[Chorus]` stays.
/// - It is cut at a length, and says so.
public struct UntrustedText: Hashable, Sendable {
    public let text: String
    /// Bytes of the whole text where it was cut; nil where it was not.
    public let cutFrom: Int?

    /// - Parameters:
    ///   - limit: characters that are kept.
    ///   - isLine: true where the text has no lines: a tag, a title.
    public init(_ raw: String, limit: Int, isLine: Bool = false) {
        var writer = Writer(limit: limit, isLine: isLine)
        var isCut = false
        for scalar in raw.unicodeScalars {
            if !writer.take(scalar) {
                isCut = true
                break
            }
        }
        text = Self.withoutTokens(writer.finish())
        cutFrom = isCut ? raw.utf8.count : nil
    }

    private struct Writer {
        private static let linesInARow = 2
        private static let spacesInARow = 1
        private static let marksInARow = 4

        let limit: Int
        let isLine: Bool
        private var scalars = String.UnicodeScalarView()
        private var count = 0
        private var lines = 0
        private var isSpace = true
        private var marks = 0
        private var wasReturn = false

        init(limit: Int, isLine: Bool) {
            self.limit = limit
            self.isLine = isLine
        }

        /// False where the limit is reached.
        mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            defer { wasReturn = scalar == "\r" }
            switch scalar {
            case "\n" where wasReturn: return true
            case "\n", "\r", "\u{0B}", "\u{0C}", "\u{85}", "\u{2028}", "\u{2029}": return newLine()
            default: break
            }
            switch scalar.properties.generalCategory {
            case .spaceSeparator: return space()
            case .control where scalar == "\t": return space()
            case .format where scalar == "\u{200C}" || scalar == "\u{200D}": return append(scalar, isMark: true)
            case .control, .format, .privateUse, .surrogate, .unassigned: return true
            case .nonspacingMark, .enclosingMark:
                // Selectors of variants past the first sixteen carry anything, unseen.
                return (0xE0100...0xE01EF).contains(scalar.value) ? true : append(scalar, isMark: true)
            default: break
            }
            switch scalar {
            case "<": return append("‹", isMark: false)
            case ">": return append("›", isMark: false)
            default: return append(scalar, isMark: false)
            }
        }

        private mutating func newLine() -> Bool {
            if isLine { return space() }
            guard lines < Self.linesInARow, count > 0 else { return true }
            guard count < limit else { return false }
            lines += 1
            isSpace = true
            count += 1
            scalars.append("\n")
            return true
        }

        private mutating func space() -> Bool {
            guard !isSpace else { return true }
            guard count < limit else { return false }
            isSpace = true
            count += 1
            scalars.append(" ")
            return true
        }

        private mutating func append(_ scalar: Unicode.Scalar, isMark: Bool) -> Bool {
            marks = isMark ? marks + 1 : 0
            guard marks <= Self.marksInARow else { return true }
            guard count < limit else { return false }
            if !isMark { count += 1 }
            lines = 0
            isSpace = false
            scalars.append(scalar)
            return true
        }

        func finish() -> String {
            var scalars = scalars[...]
            while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
            return String(scalars)
        }
    }

    private static func withoutTokens(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "[")) else { return text }
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "[") {
            result += rest[..<open]
            let inner = rest[rest.index(after: open)...].prefix(24)
            guard let close = inner.firstIndex(of: "]"), isToken(inner[..<close]) else {
                result += "["
                rest = rest[rest.index(after: open)...]
                continue
            }
            result += "(" + inner[..<close] + ")"
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private static func isToken(_ word: Substring) -> Bool {
        let bare = word.first == "/" ? word.dropFirst() : word
        return !bare.isEmpty && bare.utf8.allSatisfy { (65...90).contains($0) || $0 == UInt8(ascii: "_") }
    }
}

extension UntrustedText {
    /// Texts of one line each.
    public init(lines: [String], lineLimit: Int, count: Int) {
        let kept = lines.prefix(count).map { UntrustedText($0, limit: lineLimit, isLine: true).text }.filter { !$0.isEmpty }
        self.init(text: kept.joined(separator: "\n"), cutFrom: lines.count > count ? lines.reduce(0) { $0 + $1.utf8.count } : nil)
    }

    private init(text: String, cutFrom: Int?) {
        self.text = text
        self.cutFrom = cutFrom
    }
}
