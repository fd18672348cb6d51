/// What travels between a worker and its child processes: one JSON text and any number of binary attachments.
///
/// On the wire, little-endian: `u32` count of parts, a `u32` length for each, then the parts; the first part is the JSON text.
public struct ChildMessage: Sendable, Hashable {
    public var json: String
    public var attachments: [[UInt8]]

    public init(json: String, attachments: [[UInt8]] = []) {
        self.json = json
        self.attachments = attachments
    }

    /// An answer's first attachment: the handler ran, or threw the error that the JSON text holds.
    static let completed = Array("ok".utf8)
    static let failed = Array("error".utf8)

    /// A child is not trusted: neither may it make its worker take more memory than this.
    package static let maximumBytes = 64 << 20
    package static let maximumParts = 256

    package func encoded() -> [UInt8] {
        let parts = [Array(json.utf8)] + attachments
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 + parts.reduce(0) { $0 + 4 + $1.count })
        ChildMessage.append(UInt32(parts.count), to: &bytes)
        for part in parts { ChildMessage.append(UInt32(part.count), to: &bytes) }
        for part in parts { bytes += part }
        return bytes
    }

    private static func append(_ value: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
    }
}

/// Puts messages together from pieces as they arrive. A pure value: bytes in, message out.
package struct ChildMessageParser {
    package enum Problem: Error, Equatable { case tooManyParts(Int), tooLarge(Int) }

    private var buffer: [UInt8] = []

    /// - Returns: the message once its last byte is there.
    package init() {}

    package mutating func append(_ bytes: some Sequence<UInt8>) throws(Problem) -> ChildMessage? {
        buffer += bytes
        guard let count = number(at: 0) else { return nil }
        guard (1...ChildMessage.maximumParts).contains(count) else { throw .tooManyParts(count) }
        var lengths: [Int] = []
        for index in 0..<count {
            guard let length = number(at: 4 + 4 * index) else { return nil }
            lengths.append(length)
        }
        let total = lengths.reduce(0, +)
        guard total <= ChildMessage.maximumBytes else { throw .tooLarge(total) }
        let header = 4 + 4 * count
        guard buffer.count >= header + total else {
            buffer.reserveCapacity(header + total)
            return nil
        }
        var parts: [[UInt8]] = []
        var start = header
        for length in lengths {
            parts.append(Array(buffer[start..<start + length]))
            start += length
        }
        buffer.removeFirst(start)
        return ChildMessage(json: String(decoding: parts[0], as: UTF8.self), attachments: Array(parts.dropFirst()))
    }

    private func number(at offset: Int) -> Int? {
        guard buffer.count >= offset + 4 else { return nil }
        return (0..<4).reduce(0) { $0 | Int(buffer[offset + $1]) << (8 * $1) }
    }
}
