/// Reads the JSON of a safetensors header: strict, without recursion past what the format has, and telling of names that are there twice,
/// which a general decoder passes over.
struct HeaderScanner {
    struct Refusal: Error {
        var message: String
        init(_ message: String) { self.message = message }
    }

    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Members of an object, one after another; the body reads the value.
    mutating func object(_ member: (inout HeaderScanner, String) throws(Refusal) -> Void) throws(Refusal) {
        try expect(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            try expect(UInt8(ascii: ":"))
            try member(&self, key)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    /// Whole numbers from 0.
    mutating func integers() throws(Refusal) -> [Int] {
        var result: [Int] = []
        try expect(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return result }
        repeat {
            result.append(try integer())
            guard result.count <= 64 else { throw Refusal("a list has more than 64 numbers") }
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        return result
    }

    mutating func string() throws(Refusal) -> String {
        try expect(UInt8(ascii: "\""))
        var text: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else { throw Refusal("a string is not UTF-8") }
                return result
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0 ..< 0x20: throw Refusal("a string has a control character")
            default: text.append(byte)
            }
        }
        throw Refusal("a string does not end")
    }

    /// A value of any kind, whose content does not matter.
    mutating func skip() throws(Refusal) {
        var depth = 0
        repeat {
            space()
            guard at < bytes.count else { throw Refusal("a value is missing") }
            switch bytes[at] {
            case UInt8(ascii: "\""): _ = try string()
            case UInt8(ascii: "{"), UInt8(ascii: "["): (at, depth) = (at + 1, depth + 1)
            case UInt8(ascii: "}"), UInt8(ascii: "]"): (at, depth) = (at + 1, depth - 1)
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw Refusal("a value is missing at byte \(at)") }
                at += 1
            default:
                let start = at
                while at < bytes.count, Self.isWord(bytes[at]) { at += 1 }
                guard at > start else { throw Refusal("byte \(at) is no JSON") }
            }
            guard depth >= 0 else { throw Refusal("a value is missing at byte \(at)") }
        } while depth > 0
    }

    /// Only white space may follow.
    mutating func end() throws(Refusal) {
        space()
        guard at == bytes.count else { throw Refusal("something follows its JSON at byte \(at)") }
    }

    private mutating func integer() throws(Refusal) -> Int {
        space()
        let start = at
        var value = 0
        while at < bytes.count, bytes[at] >= UInt8(ascii: "0"), bytes[at] <= UInt8(ascii: "9") {
            let (tens, first) = value.multipliedReportingOverflow(by: 10)
            let (sum, second) = tens.addingReportingOverflow(Int(bytes[at] - UInt8(ascii: "0")))
            guard !first, !second else { throw Refusal("a number is too large at byte \(start)") }
            (value, at) = (sum, at + 1)
        }
        guard at > start else { throw Refusal("a whole number from 0 is missing at byte \(start)") }
        return value
    }

    private mutating func escape(into text: inout [UInt8]) throws(Refusal) {
        guard at < bytes.count else { throw Refusal("a string does not end") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if code & 0xFC00 == 0xD800, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") {
                at += 2
                let low = try hexadecimal()
                guard low & 0xFC00 == 0xDC00 else { throw Refusal("a string has half a character") }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(code) else { throw Refusal("a string has half a character") }
            text.append(contentsOf: Array(String(Character(scalar)).utf8))
        default: throw Refusal("a string has an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(Refusal) -> UInt32 {
        guard at + 4 <= bytes.count, bytes[at ..< at + 4].allSatisfy(Self.isHexadecimal),
              let code = UInt32(String(decoding: bytes[at ..< at + 4], as: UTF8.self), radix: 16) else { throw Refusal("a string has an unknown escape") }
        at += 4
        return code
    }

    private mutating func space() {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        space()
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(Refusal) {
        guard take(byte) else { throw Refusal("'\(Character(Unicode.Scalar(byte)))' is missing at byte \(at)") }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { Character(Unicode.Scalar(byte)).isHexDigit && byte < 0x80 }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0") ... UInt8(ascii: "9"), UInt8(ascii: "a") ... UInt8(ascii: "z"), UInt8(ascii: "A") ... UInt8(ascii: "Z"): true
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}
