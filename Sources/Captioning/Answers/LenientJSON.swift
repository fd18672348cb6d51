/// Reads JSON as models write it: with a comma too many, a comment, a raw line feed in a string, `None` for `null`. What it had to forgive is in
/// `repairs`. It never guesses at a missing end: a value that stops short is a fault of its own.
package struct LenientJSON {
    package enum Fault: Error { case cut, malformed }

    /// Levels; the answers that are asked for have four.
    private static let deepest = 32
    /// Values; a description of fifteen frames has about seventy.
    private static let mostValues = 4096

    private let bytes: ArraySlice<UInt8>
    package private(set) var place: Int
    package private(set) var repairs: Set<AnswerRepair> = []
    private var depth = 0
    private var values = 0

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    package mutating func value() throws(Fault) -> JSONValue {
        try space()
        values += 1
        guard let byte = peek else { throw .cut }
        guard depth < Self.deepest, values <= Self.mostValues else { throw .malformed }
        switch byte {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: return try word()
        }
    }

    private var peek: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

    private mutating func object() throws(Fault) -> JSONValue {
        var members: [JSONValue.Member] = []
        depth += 1
        place += 1
        while true {
            try space()
            guard let byte = peek else { throw .cut }
            if byte == UInt8(ascii: "}") { break }
            guard byte == UInt8(ascii: "\"") else { throw .malformed }
            let name = try string()
            try space()
            guard let colon = peek else { throw .cut }
            guard colon == UInt8(ascii: ":") else { throw .malformed }
            place += 1
            members.append(JSONValue.Member(name, try value()))
            try separator(before: UInt8(ascii: "}"))
        }
        place += 1
        depth -= 1
        return .object(members)
    }

    private mutating func array() throws(Fault) -> JSONValue {
        var items: [JSONValue] = []
        depth += 1
        place += 1
        while true {
            try space()
            guard let byte = peek else { throw .cut }
            if byte == UInt8(ascii: "]") { break }
            items.append(try value())
            try separator(before: UInt8(ascii: "]"))
        }
        place += 1
        depth -= 1
        return .array(items)
    }

    /// The comma between two elements, or the end. A comma before the end is forgiven, and so is none before an element.
    private mutating func separator(before end: UInt8) throws(Fault) {
        try space()
        guard let byte = peek else { throw .cut }
        if byte == end { return }
        guard byte == UInt8(ascii: ",") else {
            guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "{") else { throw .malformed }
            repairs.insert(.syntax)
            return
        }
        place += 1
        try space()
        if peek == end { repairs.insert(.syntax) }
    }

    private mutating func string() throws(Fault) -> String {
        place += 1
        var text: [UInt8] = []
        while true {
            guard let byte = peek else { throw .cut }
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case ..<0x20:
                repairs.insert(.rawCharacters)
                text.append(UInt8(ascii: " "))
            default: text.append(byte)
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws(Fault) {
        guard let byte = peek else { throw .cut }
        place += 1
        switch byte {
        case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "f"): text.append(UInt8(ascii: " "))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "'"):
            repairs.insert(.syntax)
            text.append(byte)
        case UInt8(ascii: "u"): text += Array(String(try scalar()).utf8)
        default: throw .malformed
        }
    }

    private mutating func scalar() throws(Fault) -> Character {
        let unit = try hex()
        if (0xD800..<0xDC00).contains(unit), place + 1 < bytes.endIndex, bytes[place] == UInt8(ascii: "\\"), bytes[place + 1] == UInt8(ascii: "u") {
            place += 2
            let low = try hex()
            if (0xDC00..<0xE000).contains(low), let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) { return Character(scalar) }
            return "\u{FFFD}"
        }
        return Unicode.Scalar(unit).map(Character.init) ?? "\u{FFFD}"
    }

    private mutating func hex() throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek else { throw .cut }
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { throw .malformed }
            value = value << 4 | UInt32(digit)
            place += 1
        }
        return value
    }

    private mutating func number() throws(Fault) -> JSONValue {
        let first = place
        while let byte = peek, (48...57).contains(byte) || "+-.eE".utf8.contains(byte) { place += 1 }
        guard peek != nil else { throw .cut }
        guard let value = Double(String(decoding: bytes[first..<place], as: UTF8.self)), value.isFinite else { throw .malformed }
        return .number(value)
    }

    private mutating func word() throws(Fault) -> JSONValue {
        let first = place
        while let byte = peek, (65...90).contains(byte) || (97...122).contains(byte) { place += 1 }
        guard peek != nil else { throw .cut }
        switch String(decoding: bytes[first..<place], as: UTF8.self) {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "null": return .null
        case "True": repairs.insert(.syntax); return .bool(true)
        case "False": repairs.insert(.syntax); return .bool(false)
        case "None", "NaN", "undefined": repairs.insert(.syntax); return .null
        default: throw .malformed
        }
    }

    /// White space, and comments as C has them.
    private mutating func space() throws(Fault) {
        while let byte = peek {
            if byte == 0x20 || (0x09...0x0D).contains(byte) {
                place += 1
            } else if byte == UInt8(ascii: "/"), place + 1 < bytes.endIndex, bytes[place + 1] == UInt8(ascii: "/") || bytes[place + 1] == UInt8(ascii: "*") {
                repairs.insert(.syntax)
                try comment(isBlock: bytes[place + 1] == UInt8(ascii: "*"))
            } else {
                return
            }
        }
    }

    private mutating func comment(isBlock: Bool) throws(Fault) {
        place += 2
        while let byte = peek {
            place += 1
            if !isBlock, byte == 0x0A { return }
            if isBlock, byte == UInt8(ascii: "*"), peek == UInt8(ascii: "/") {
                place += 1
                return
            }
        }
        throw .cut
    }
}
