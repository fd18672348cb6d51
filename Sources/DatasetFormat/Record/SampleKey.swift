import Crypto

/// The name of a sample inside the shards: `[A-Za-z0-9_-]`, at most 80 bytes.
///
/// A clip id that already has that form is its own key. Any other id becomes `<slug>--<24 hex digits of SHA-256(id)>`, the slug
/// being the id with every other byte written as `-`; so does an id that looks like such a key. Hence no plain key equals an
/// escaped one, and two escaped keys are equal only if 96 bits of SHA-256 are; the writer checks that keys ascend strictly.
public struct SampleKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// With the longest member name, `80 + 20` bytes are what a USTAR header's name field holds.
    static let maximumLength = 80
    private static let digestLength = 24

    public let text: String

    public init(clipID: String) {
        let bytes = Array(clipID.utf8)
        if !bytes.isEmpty, bytes.count <= SampleKey.maximumLength, bytes.allSatisfy(SampleKey.isPlain), !SampleKey.looksEscaped(bytes) {
            text = clipID
            return
        }
        let slug = bytes.prefix(SampleKey.maximumLength - SampleKey.digestLength - 2)
            .map { SampleKey.isPlain($0) ? $0 : UInt8(ascii: "-") }
        text = String(decoding: slug, as: UTF8.self) + "--" + hexadecimal(SHA256.hash(data: bytes)).prefix(SampleKey.digestLength)
    }

    public var description: String { text }

    /// By bytes: the order in which the writer wants its records.
    public static func < (left: SampleKey, right: SampleKey) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
             UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func looksEscaped(_ bytes: [UInt8]) -> Bool {
        guard bytes.count >= digestLength + 2 else { return false }
        let tail = bytes.suffix(digestLength + 2)
        return tail.prefix(2).allSatisfy { $0 == UInt8(ascii: "-") } && tail.dropFirst(2).allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
    }
}
