/// The name of one kind of work on a clip, such as `frames` or `audio`: lower-case letters, digits and hyphens, at most 40.
public struct StageName: RawRepresentable, Hashable, Sendable, Comparable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    public let rawValue: String

    /// - Returns: nil for anything that could not stand in a queue's name.
    public init?(rawValue: String) {
        guard StageName.isValid(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    public init(stringLiteral value: String) {
        precondition(StageName.isValid(value), "a stage's name is 1 to 40 of a-z, 0-9 and '-'")
        rawValue = value
    }

    public var description: String { rawValue }

    public static func < (left: StageName, right: StageName) -> Bool { left.rawValue < right.rawValue }

    private static func isValid(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count) && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }
}

/// Which of a stage's two queues a task travels in. Stream tasks never wait behind bulk tasks.
public enum Lane: Int16, Sendable, Codable, CaseIterable, Comparable {
    case stream = 0
    case bulk = 1

    public var name: String { self == .stream ? "stream" : "bulk" }

    /// `stream` is the better lane.
    public static func < (left: Lane, right: Lane) -> Bool { left.rawValue < right.rawValue }
}
