import Foundation

/// Vectors as bytes: IEEE 754 single precision, little-endian, one number after the other.
enum FloatBytes {
    static func bytes(_ values: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 4)
        for value in values {
            let bits = value.bitPattern
            for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
        }
        return bytes
    }

    /// - Returns: nil unless the bytes are whole numbers, all of them finite.
    static func floats(_ bytes: some Collection<UInt8>) -> [Float]? {
        guard bytes.count % 4 == 0 else { return nil }
        var values: [Float] = []
        values.reserveCapacity(bytes.count / 4)
        var bits: UInt32 = 0, shift: UInt32 = 0
        for byte in bytes {
            bits |= UInt32(byte) << shift
            shift += 8
            guard shift == 32 else { continue }
            let value = Float(bitPattern: bits)
            guard value.isFinite else { return nil }
            values.append(value)
            (bits, shift) = (0, 0)
        }
        return values
    }
}

/// A vector in a result: in JSON the base64 text of its bytes, a third of what its numbers would take in decimal, and exactly the same numbers again.
public struct StoredVector: Hashable, Sendable, Codable {
    public var values: [Float]

    public init(_ values: [Float]) { self.values = values }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let data = Data(base64Encoded: try container.decode(String.self)), let values = FloatBytes.floats(data) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a vector is the base64 text of finite little-endian 32-bit floats")
        }
        self.values = values
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(FloatBytes.bytes(values)).base64EncodedString())
    }
}
