/// What a mistyped key may have meant.
struct NearMatches {
    /// Edits that a mistyped key is off at most.
    static let distance = 2

    private let wanted: String
    private let folded: [UInt8]

    init(of wanted: String) {
        self.wanted = wanted
        folded = Array(wanted.lowercased().utf8)
    }

    /// Of the candidates those that differ in case, by few edits, or that contain the wanted key; the nearest first, at most `limit`.
    func among(_ candidates: some Sequence<String>, limit: Int = 5) -> [String] {
        var found: [(cost: Int, key: String)] = []
        for candidate in candidates where candidate != wanted {
            let other = Array(candidate.lowercased().utf8)
            if let edits = edits(to: other) {
                found.append((edits, candidate))
            } else if folded.count >= 3, other.firstRange(of: folded) != nil {
                found.append((Self.distance + 1 + other.count - folded.count, candidate))
            }
        }
        return found.sorted { ($0.cost, $0.key) < ($1.cost, $1.key) }.prefix(limit).map(\.key)
    }

    /// Levenshtein's distance, by bytes without regard to case; nil past the limit.
    private func edits(to other: [UInt8]) -> Int? {
        let limit = Self.distance
        guard abs(other.count - folded.count) <= limit else { return nil }
        var row = Array(0...other.count)
        for (line, byte) in folded.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in other.indices {
                let replaced = diagonal + (byte == other[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
            if row.min() ?? 0 > limit { return nil }
        }
        // A short key is near everything: half of it must be right.
        let edits = row[other.count]
        return edits <= min(limit, max(folded.count / 2, 0)) ? edits : nil
    }
}
