/// One side of a train/test split.
public enum SplitSide: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case train, test

    /// By name.
    public static func < (left: SplitSide, right: SplitSide) -> Bool { left.rawValue < right.rawValue }
}
