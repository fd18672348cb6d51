import NIOCore

/// JSON as bytes, written in the order of the calls: equal calls give equal bytes.
struct JSONText {
    private(set) var buffer: ByteBuffer

    init(capacity: Int = 4096) { buffer = ByteBufferAllocator().buffer(capacity: capacity) }

    /// What is JSON already.
    mutating func raw(_ text: StaticString) { buffer.writeStaticString(text) }

    mutating func raw(_ text: String) { buffer.writeString(text) }

    mutating func number(_ value: Int) { buffer.writeString(String(value)) }

    /// The shortest decimal that reads back as the same value. Precondition: finite.
    mutating func number(_ value: Double) {
        precondition(value.isFinite, "JSON has no such number")
        buffer.writeString(value.description)
    }

    mutating func boolean(_ value: Bool) { raw(value ? "true" : "false") }

    /// A string with its quotation marks. Only what JSON forbids is escaped; UTF-8 stays as it is.
    mutating func string(_ value: String) {
        buffer.writeInteger(UInt8(ascii: "\""))
        var value = value
        value.withUTF8 { bytes in
            var start = 0
            for (index, byte) in bytes.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                // Invariant: start <= index < bytes.count.
                buffer.writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start..<index]))
                escape(byte)
                start = index + 1
            }
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...]))
        }
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    /// Bytes in base64, without quotation marks.
    mutating func base64(_ bytes: [UInt8]) { Base64.write(bytes, to: &buffer) }

    /// `{"name":`, for an object's first member. Precondition: the name needs no escapes.
    mutating func open(_ name: StaticString) {
        raw("{\"")
        raw(name)
        raw("\":")
    }

    /// `,"name":`, for any other member. Precondition: the name needs no escapes.
    mutating func member(_ name: StaticString) {
        raw(",\"")
        raw(name)
        raw("\":")
    }

    /// Hands over what was written so far.
    mutating func take() -> ByteBuffer {
        defer { buffer = ByteBufferAllocator().buffer(capacity: 256) }
        return buffer
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case UInt8(ascii: "\n"): raw("\\n")
        case UInt8(ascii: "\r"): raw("\\r")
        case UInt8(ascii: "\t"): raw("\\t")
        default:
            raw("\\u00")
            buffer.writeInteger(Self.hexadecimal[Int(byte >> 4)])
            buffer.writeInteger(Self.hexadecimal[Int(byte & 15)])
        }
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)
}
