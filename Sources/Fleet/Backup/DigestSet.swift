import FleetModel

/// Digests, each once, in 32 bytes: of a hundred thousand clips there are millions.
struct DigestSet {
    private struct Words: Hashable {
        var first, second, third, fourth: UInt64
    }

    private var words: Set<Words> = []

    var count: Int { words.count }

    /// - Returns: whether it was new.
    mutating func insert(_ digest: Digest) -> Bool {
        func word(_ index: Int) -> UInt64 { digest.bytes[(8 * index)..<(8 * index + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        return words.insert(Words(first: word(0), second: word(1), third: word(2), fourth: word(3))).inserted
    }
}
