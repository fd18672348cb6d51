import Crypto

/// What shows that a split divides no group, and how it was made.
public struct SplitProof: Hashable, Sendable, Codable {
    /// One side's figures.
    public struct Side: Hashable, Sendable, Codable {
        public var samples: Int
        public var groups: Int
        /// SHA-256 over the side's group digests, ascending, each followed by a line feed.
        public var groupsSHA256: String

        enum CodingKeys: String, CodingKey {
            case samples, groups
            case groupsSHA256 = "groups_sha256"
        }
    }

    /// Ways in which `test` was filled, in words.
    enum Method {
        static let hashOrder = "Groups ordered by SHA-256(seed, 0x00, group); test takes whole groups in that order, skipping those that do not fit."
        static let subsetSum = "Hash order did not reach the test size with whole groups; test takes the groups whose sizes add up to it, or come nearest below (subset sum)."
        static let smallestGroup = "No group is small enough for the test size; test takes the smallest group."
    }

    public var seed: String
    public var method: String
    public var requestedTest: Int
    /// Whether `test` has exactly the requested number of items, those counted that a former split placed there and that are absent.
    public var exact: Bool
    public var train: Side
    public var test: Side
    /// Groups that are on both sides; counted, and 0.
    public var overlappingGroups: Int
    /// Items that a former split had placed; of them those that had to move because their group is on the other side now;
    /// and items of the former split that are absent.
    public var pinned: Int
    public var moved: Int
    public var absent: Int

    enum CodingKeys: String, CodingKey {
        case seed, method, exact, train, test, pinned, moved, absent
        case requestedTest = "requested_test"
        case overlappingGroups = "overlapping_groups"
    }

    init(assignments: [SplitAssignment], absent: [SplitAssignment], seed: String, requestedTest: Int, method: String, pinned: Int, moved: Int) {
        let groups = { (side: SplitSide) in Set(assignments.lazy.filter { $0.side == side }.map { SplitProof.digest(ofGroup: $0.group) }) }
        let trainGroups = groups(.train)
        let testGroups = groups(.test)
        let testCount = assignments.count { $0.side == .test }
        train = Side(samples: assignments.count - testCount, groups: trainGroups.count, groupsSHA256: SplitProof.digest(of: trainGroups))
        test = Side(samples: testCount, groups: testGroups.count, groupsSHA256: SplitProof.digest(of: testGroups))
        overlappingGroups = trainGroups.intersection(testGroups).count
        exact = testCount + absent.count { $0.side == .test } == requestedTest
        self.seed = seed
        self.method = method
        self.requestedTest = requestedTest
        self.pinned = pinned
        self.moved = moved
        self.absent = absent.count
    }

    /// How a group is written in a dataset: the first 32 hexadecimal digits of SHA-256(group).
    public static func digest(ofGroup group: String) -> String {
        String(hexadecimal(SHA256.hash(data: Array(group.utf8))).prefix(32))
    }

    static func digest(of groupDigests: Set<String>) -> String {
        hexadecimal(SHA256.hash(data: groupDigests.sorted().flatMap { Array($0.utf8) + [10] }))
    }
}
