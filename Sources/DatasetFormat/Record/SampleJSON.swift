/// Writes a sample as one JSON object with the members in the schema's order: the same value gives the same bytes.
/// Floats always have a decimal point, so that a reader's inferred type does not depend on the first values.
package struct SampleJSON {
    private var bytes: [UInt8] = []

    /// - Throws: `dataset.record_invalid` for a float that is not finite, or a value that has not the form of its type.
    package static func encode(_ values: [FieldValue], _ fields: [Field]) throws -> [UInt8] {
        var writer = SampleJSON()
        try writer.append(.structure(values), .structure(fields), path: "")
        return writer.bytes
    }

    private mutating func append(_ value: FieldValue, _ type: FieldType, path: String) throws {
        switch (value, type) {
        case (.string(let text), .string): append(text)
        case (.int(let number), .int): bytes += String(number).utf8
        case (.bool(let flag), .bool): bytes += (flag ? "true" : "false").utf8
        case (.float(let number), .float):
            guard number.isFinite else { throw FieldValue.notFinite(path) }
            append(number)
        case (.list(let elements), .list(let element)):
            bytes.append(UInt8(ascii: "["))
            for (position, value) in elements.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                try append(value, element, path: path)
            }
            bytes.append(UInt8(ascii: "]"))
        case (.structure(let members), .structure(let fields)) where members.count == fields.count:
            bytes.append(UInt8(ascii: "{"))
            for (position, (value, field)) in zip(members, fields).enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                append(field.name)
                bytes.append(UInt8(ascii: ":"))
                try append(value, field.type, path: path.isEmpty ? field.name : path + "." + field.name)
            }
            bytes.append(UInt8(ascii: "}"))
        default: throw FieldValue.mismatch(path)
        }
    }

    private mutating func append(_ number: Double) {
        // Swift prints the shortest text that reads back as the same double; only its exponent form may lack a point.
        let text = number == 0 ? "0.0" : number.description
        if let exponent = text.firstIndex(of: "e"), !text[..<exponent].contains(".") {
            bytes += text[..<exponent].utf8
            bytes += ".0".utf8
            bytes += text[exponent...].utf8
        } else {
            bytes += text.utf8
        }
    }

    private mutating func append(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            case UInt8(ascii: "\r"): bytes += "\\r".utf8
            case UInt8(ascii: "\t"): bytes += "\\t".utf8
            case 0..<32:
                bytes += "\\u00".utf8
                bytes += hexadecimal(CollectionOfOne(byte)).utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension FieldValue {
    static func notFinite(_ path: String) -> DatasetError {
        DatasetError(.recordInvalid, "The field '\(path)' is not a finite number; give its neutral value instead.")
    }

    static func mismatch(_ path: String) -> DatasetError {
        DatasetError(.recordInvalid, "The value of '\(path)' has not the form that the schema declares.")
    }
}
