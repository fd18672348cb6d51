import Crypto
import Foundation

/// A SHA-256 digest: 32 bytes, written as 64 lower-case hexadecimal digits.
public struct Digest: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// Exactly 32 bytes.
    public let bytes: [UInt8]

    /// - Returns: nil unless `bytes` holds exactly 32 bytes.
    public init?(bytes: some Sequence<UInt8>) {
        let array = Array(bytes)
        guard array.count == 32 else { return nil }
        self.bytes = array
    }

    /// - Returns: nil unless `hex` is 64 hexadecimal digits.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        var high: UInt8?
        for character in hex.utf8 {
            guard let nibble = Digest.nibble(character) else { return nil }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        self.bytes = bytes
    }

    /// The digest of these bytes.
    public static func of(_ data: some DataProtocol) -> Digest {
        Digest(finalized: SHA256.hash(data: data))
    }

    /// The digest of a text's UTF-8 bytes.
    public static func of(_ text: String) -> Digest {
        var text = text
        return text.withUTF8 { Digest(finalized: SHA256.hash(data: $0)) }
    }

    init(finalized: SHA256Digest) {
        bytes = Array(finalized)
    }

    public var hex: String {
        String(unsafeUninitializedCapacity: 64) { buffer in
            for (index, byte) in bytes.enumerated() {
                buffer[2 * index] = Digest.digits[Int(byte >> 4)]
                buffer[2 * index + 1] = Digest.digits[Int(byte & 15)]
            }
            return 64
        }
    }

    public var description: String { hex }

    public static func < (left: Digest, right: Digest) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = Digest(hex: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "a SHA-256 digest is 64 hexadecimal digits")
        }
        self = digest
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case 48...57: character - 48
        case 97...102: character - 87
        case 65...70: character - 55
        default: nil
        }
    }
}

/// Hashes a file or a stream piece by piece.
public struct DigestBuilder {
    private var hash = SHA256()

    public init() {}

    public mutating func update(_ data: some DataProtocol) {
        hash.update(data: data)
    }

    public func finalize() -> Digest {
        Digest(finalized: hash.finalize())
    }
}
