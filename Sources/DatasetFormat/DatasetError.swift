/// The one shape of an error of this library. The message names the thing, the cause, and what to do.
public struct DatasetError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A stable, dotted, lower-case name of the cause.
    public struct Code: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { rawValue = value }
        public var description: String { rawValue }
    }

    public var code: Code
    public var message: String
    /// What lay beneath, in its own words.
    public var cause: String?
    public var isRetriable: Bool

    public init(_ code: Code, _ message: String, cause: String? = nil, isRetriable: Bool = false) {
        self.code = code
        self.message = message
        self.cause = cause
        self.isRetriable = isRetriable
    }

    public var description: String {
        cause.map { "\(message) (\(code): \($0))" } ?? "\(message) (\(code))"
    }
}

extension DatasetError.Code {
    /// A split was asked for that its members cannot give: repeated keys, or a test size out of range.
    public static let splitInvalid: Self = "dataset.split_invalid"
    /// A record's values break the schema's promises, such as a number that is not finite.
    public static let recordInvalid: Self = "dataset.record_invalid"
    /// Records do not ascend strictly by key.
    public static let recordOrder: Self = "dataset.record_order"
    /// One artist group was sent to both sides.
    public static let splitLeak: Self = "dataset.split_leak"
    /// A sample lacks a member that the plan names, or has one that it does not name.
    public static let membersDiffer: Self = "dataset.members_differ"
    /// A file of somebody else's stands where one of ours must be written.
    public static let foreignFile: Self = "dataset.foreign_file"
    /// Another export is writing into the same directory.
    public static let busy: Self = "dataset.busy"
    /// The manifest is missing, or is not one of ours.
    public static let manifestInvalid: Self = "dataset.manifest_invalid"
    /// The file system refused.
    public static let inputOutput: Self = "dataset.io"
    /// libzstd refused.
    public static let compression: Self = "dataset.compression"
    /// The writer has finished, or has failed before.
    public static let closed: Self = "dataset.closed"
}
