/// Where things lie in a dataset's directory. Nothing else there is ever written or removed.
enum DatasetPath {
    static let manifest = "manifest.json"
    static let staging = ".mvfleet-export"
    static let cards = ["wds/README.md", "hf/README.md"]
    /// Folders that hold shards alone; removed when empty.
    static let shardFolders = ["wds/train", "wds/test", "hf/data"]

    /// Whether `path`, relative to the directory, is one that this library gives to a shard or a card.
    static func isOurs(_ path: String) -> Bool {
        if cards.contains(path) { return true }
        return SplitSide.allCases.contains { side in
            if let number = path.between("wds/\(side.rawValue)/\(side.rawValue)-", ".tar") { return number.isDigits(atLeast: 6) }
            guard let numbers = path.between("hf/data/\(side.rawValue)-", ".parquet") else { return false }
            let parts = numbers.split(separator: "-", omittingEmptySubsequences: false)
            return parts.count == 3 && parts[0].isDigits(atLeast: 5) && parts[1] == "of" && parts[2].isDigits(atLeast: 5)
        }
    }
}

extension String {
    fileprivate func between(_ prefix: String, _ suffix: String) -> Substring? {
        guard hasPrefix(prefix), hasSuffix(suffix), utf8.count >= prefix.utf8.count + suffix.utf8.count else { return nil }
        return dropFirst(prefix.count).dropLast(suffix.count)
    }
}

extension Substring {
    fileprivate func isDigits(atLeast count: Int) -> Bool {
        (count...12).contains(utf8.count) && utf8.allSatisfy { (48...57).contains($0) }
    }
}
