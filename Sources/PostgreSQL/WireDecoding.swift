/// Why a value could not be read; the row that reads it adds column and row.
struct DecodingFault: Error, Equatable {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}

/// PostgreSQL's binary representation, read back. Every length is checked: a fault is thrown, nothing traps.
enum WireDecoding {
    static func integer<Value: FixedWidthInteger & BitwiseCopyable>(_ bytes: RawSpan, at offset: Int = 0, as type: Value.Type = Value.self) throws(DecodingFault) -> Value {
        guard offset >= 0, bytes.byteCount &- offset >= MemoryLayout<Value>.size else { throw DecodingFault("the value is cut short") }
        // The range was checked on the line above; integers have no invalid bit patterns.
        return Value(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    static func whole<Value: FixedWidthInteger & BitwiseCopyable>(_ bytes: RawSpan, as type: Value.Type = Value.self) throws(DecodingFault) -> Value {
        guard bytes.byteCount == MemoryLayout<Value>.size else { throw DecodingFault("\(bytes.byteCount) bytes instead of \(MemoryLayout<Value>.size)") }
        return try integer(bytes)
    }

    static func text(_ bytes: RawSpan) throws(DecodingFault) -> String {
        let units = Span<UInt8>(_bytes: bytes)
        guard let utf8 = try? UTF8Span(validating: units) else { throw DecodingFault("the text is not valid UTF-8") }
        return String(copying: utf8)
    }

    static func bytes(_ bytes: RawSpan) -> [UInt8] {
        unsafe bytes.withUnsafeBytes { [UInt8]($0) }
    }

    /// Calls `body` with each element of a one-dimensional array, nil for NULL.
    static func forEachElement(_ bytes: RawSpan, _ body: (RawSpan?, TypeOID) throws(DecodingFault) -> Void) throws(DecodingFault) {
        let dimensions: Int32 = try integer(bytes)
        let type = TypeOID(try integer(bytes, at: 8) as UInt32)
        if dimensions == 0 { return }
        guard dimensions == 1 else { throw DecodingFault("the array has \(dimensions) dimensions, not one") }
        let count: Int32 = try integer(bytes, at: 12)
        guard count >= 0 else { throw DecodingFault("the array has a negative length") }
        var offset = 20
        for _ in 0..<count {
            let length: Int32 = try integer(bytes, at: offset)
            offset += 4
            if length < 0 {
                try body(nil, type)
            } else {
                guard Int(length) <= bytes.byteCount - offset else { throw DecodingFault("an array element is cut short") }
                try body(bytes.extracting(offset..<offset + Int(length)), type)
                offset += Int(length)
            }
        }
    }

    /// `numeric` as decimal text: base-10,000 digits, the weight of the first, sign, digits after the point.
    static func numeric(_ bytes: RawSpan) throws(DecodingFault) -> String {
        let count: Int16 = try integer(bytes)
        let weight: Int16 = try integer(bytes, at: 2)
        let sign: UInt16 = try integer(bytes, at: 4)
        let scale: Int16 = try integer(bytes, at: 6)
        switch sign {
        case 0xC000: return "NaN"
        case 0xD000: return "Infinity"
        case 0xF000: return "-Infinity"
        default: break
        }
        guard count >= 0, scale >= 0, bytes.byteCount == 8 + 2 * Int(count) else { throw DecodingFault("the numeric is malformed") }
        func digits(at index: Int) throws(DecodingFault) -> String {
            guard index >= 0, index < Int(count) else { return "0000" }
            let digit: UInt16 = try integer(bytes, at: 8 + 2 * index)
            guard digit < 10_000 else { throw DecodingFault("the numeric is malformed") }
            let text = String(digit)
            return String(repeating: "0", count: 4 - text.count) + text
        }
        var whole = ""
        if weight >= 0 {
            for index in 0...Int(weight) { whole += try digits(at: index) }
        }
        whole = String(whole.drop { $0 == "0" })
        var fraction = ""
        var index = Int(weight) + 1
        while fraction.count < Int(scale) {
            fraction += try digits(at: index)
            index += 1
        }
        let number = (whole.isEmpty ? "0" : whole) + (scale > 0 ? "." + fraction.prefix(Int(scale)) : "")
        return sign == 0x4000 ? "-" + number : number
    }
}
