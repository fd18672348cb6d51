/// Takes the texts out of JSON while it comes: those that are no member's name, with a line's end behind each.
public struct StreamedTexts: Sendable {
    /// Whether the outermost value has ended.
    public private(set) var isComplete = false
    /// The open containers: true for an object.
    private var open: [Bool] = []
    private var isText = false
    private var isName = false
    private var expectsName = false
    private var isEscaped = false
    /// Digits of `\u` that are still to come.
    private var pendingDigits = 0
    private var code: UInt32 = 0

    public init() {}

    /// - Returns: what is to be shown of the texts that came with this piece.
    public mutating func take(_ piece: String) -> String {
        var shown = ""
        for scalar in piece.unicodeScalars {
            guard isText else {
                structure(scalar)
                continue
            }
            if pendingDigits > 0 {
                code = code << 4 | UInt32(String(scalar), radix: 16, default: 0)
                pendingDigits -= 1
                // Halves of a pair are left out: this is for people to follow, and not the answer.
                if pendingDigits == 0, let character = Unicode.Scalar(code) { show(character, &shown) }
            } else if isEscaped {
                isEscaped = false
                switch scalar {
                case "u": (pendingDigits, code) = (4, 0)
                case "n", "r", "t", "b", "f": show(" ", &shown)
                default: show(scalar, &shown)
                }
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "\"" {
                if !isName { shown += "\n" }
                isText = false
            } else {
                show(scalar, &shown)
            }
        }
        return shown
    }

    /// A model's words may hold what moves a terminal's cursor.
    private func show(_ scalar: Unicode.Scalar, _ shown: inout String) {
        guard !isName, scalar.properties.generalCategory != .control, scalar.properties.generalCategory != .format else { return }
        shown.unicodeScalars.append(scalar)
    }

    private mutating func structure(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "{": open.append(true)
            expectsName = true
        case "[": open.append(false)
            expectsName = false
        case "}", "]":
            _ = open.popLast()
            isComplete = open.isEmpty
        case ",": expectsName = open.last ?? false
        case ":": expectsName = false
        case "\"": (isText, isName) = (true, expectsName)
        default: break
        }
    }
}

extension UInt32 {
    fileprivate init(_ text: String, radix: Int, default value: UInt32) { self = UInt32(text, radix: radix) ?? value }
}
