/// Chooses among phrases: the same seed chooses the same ones on every machine, and within one text no phrase comes twice before
/// all of its table have been used.
struct PhraseDeck {
    private let seed: UInt64
    private var drawn: [String: Int] = [:]

    init(seed: String, text: String) {
        self.seed = StableHash.of(seed, text)
    }

    /// The next phrase of `table`. The name keeps tables apart.
    mutating func draw(_ name: String, _ table: [String]) -> String {
        guard !table.isEmpty else { return "" }
        let count = drawn[name, default: 0]
        drawn[name] = count + 1
        return order(name, table)[count % table.count]
    }

    /// The table's phrases in this text's own order.
    func order(_ name: String, _ table: [String]) -> [String] {
        let keyed = table.enumerated().map { (key: StableHash.mix(seed ^ StableHash.of(name, $0.element)), place: $0.offset, phrase: $0.element) }
        return keyed.sorted { ($0.key, $0.place) < ($1.key, $1.place) }.map(\.phrase)
    }
}

/// A hash that is the same in every process, unlike `Hasher`.
enum StableHash {
    /// FNV-1a, 64 bits, over the texts with a separator.
    static func of(_ texts: String...) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in texts {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        return mix(hash)
    }

    /// The finaliser of SplitMix64: near hashes become far ones.
    static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
