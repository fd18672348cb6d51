/// A batch as the server tells of it.
public struct RemoteBatch: Hashable, Sendable, Decodable {
    /// As the server spells it; new ones are kept as they are.
    public struct Status: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { rawValue = value }

        public static let validating: Self = "validating"
        public static let inProgress: Self = "in_progress"
        public static let finalizing: Self = "finalizing"
        public static let completed: Self = "completed"
        public static let failed: Self = "failed"
        public static let expired: Self = "expired"
        public static let cancelling: Self = "cancelling"
        public static let cancelled: Self = "cancelled"

        /// Nothing more comes of it; files may be there in each of these.
        public var isOver: Bool { [.completed, .failed, .expired, .cancelled].contains(self) }
    }

    /// What is wrong with the batch as a whole.
    public struct Problem: Hashable, Sendable, Decodable {
        public var code: String?
        public var message: String?
        public var line: Int?
    }

    public var id: String
    public var status: Status
    public var inputFileID: String?
    /// Lines with an answer; nil where there is none, yet or at all.
    public var outputFileID: String?
    /// Lines without one.
    public var errorFileID: String?
    public var total = 0
    public var completed = 0
    public var failed = 0
    public var problems: [Problem] = []
    public var metadata: [String: String] = [:]

    private enum Keys: String, CodingKey {
        case id, status, inputFileID = "input_file_id", outputFileID = "output_file_id", errorFileID = "error_file_id", counts = "request_counts", errors, metadata
    }

    private struct Counts: Decodable { var total, completed, failed: Int? }
    private struct Problems: Decodable { var data: [Problem]? }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        // Some servers write "" for a file that is not there.
        func file(_ key: Keys) -> String? { (try? values.decode(String.self, forKey: key)).flatMap { $0.isEmpty ? nil : $0 } }
        id = try values.decode(String.self, forKey: .id)
        status = Status(rawValue: try values.decode(String.self, forKey: .status))
        inputFileID = file(.inputFileID)
        outputFileID = file(.outputFileID)
        errorFileID = file(.errorFileID)
        if let counts = try? values.decode(Counts.self, forKey: .counts) { (total, completed, failed) = (counts.total ?? 0, counts.completed ?? 0, counts.failed ?? 0) }
        problems = (try? values.decode(Problems.self, forKey: .errors))?.data ?? []
        metadata = (try? values.decode([String: String].self, forKey: .metadata)) ?? [:]
    }
}

/// A file at the server.
public struct RemoteFile: Hashable, Sendable, Decodable {
    public var id: String
    public var name: String
    public var byteCount: Int

    private enum Keys: String, CodingKey { case id, name = "filename", byteCount = "bytes" }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        id = try values.decode(String.self, forKey: .id)
        name = (try? values.decode(String.self, forKey: .name)) ?? ""
        byteCount = (try? values.decode(Int.self, forKey: .byteCount)) ?? 0
    }
}
