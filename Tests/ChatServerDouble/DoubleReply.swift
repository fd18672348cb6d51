import NIOCore

/// A request of any kind, whole.
struct DoubleRequest: Sendable {
    var method: String
    /// Without the query.
    var path: String
    var query: [String: String]
    var headers: [(name: String, value: String)]
    var body: ByteBuffer

    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }

    var key: String {
        guard let value = header("authorization") else { return "" }
        return value.hasPrefix("Bearer ") ? String(value.dropFirst(7)) : value
    }
}

/// What goes out, and when.
struct DoubleReply: Sendable {
    enum Step: Sendable {
        case bytes(ByteBuffer)
        case wait(Duration)
        /// Breaks the connection.
        case close
        /// Nothing more, ever.
        case hang
        /// These bytes until the client has gone.
        case flood(ByteBuffer)
    }

    /// nil closes the connection without a word, or hangs where the first step says so.
    var status: Int?
    var headers: [(String, String)] = []
    var delay: Duration = .zero
    /// Announced length; nil for chunks.
    var length: Int?
    var steps: [Step] = []
    /// Which completion this is, for the counts.
    var completion: CompletionMark?

    static func bytes(_ status: Int, contentType: String, _ body: ByteBuffer, headers: [(String, String)] = []) -> DoubleReply {
        DoubleReply(status: status, headers: [("content-type", contentType)] + headers, length: body.readableBytes, steps: [.bytes(body)])
    }

    static func json(_ status: Int, _ value: JSONValue, headers: [(String, String)] = []) -> DoubleReply {
        bytes(status, contentType: "application/json", ByteBuffer(string: value.json), headers: headers)
    }

    static func error(_ status: Int, type: String, code: String?, _ message: String, headers: [(String, String)] = []) -> DoubleReply {
        json(status, .object(["error": .object(["message": .string(message), "type": .string(type), "param": .null, "code": code.map { .string($0) } ?? .null])]), headers: headers)
    }
}

/// What a completion adds to the counts when it has gone out whole.
struct CompletionMark: Sendable {
    var status: Int
    var bodyHash: Int
    var promptTokens = 0
    var completionTokens = 0
    var nanoDollars = 0
    /// The answer is one that a client can use and is billed for.
    var isAnswer = false
}
