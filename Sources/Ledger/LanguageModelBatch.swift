import FleetModel

/// A request that goes by batch.
public struct LanguageModelLine: Sendable {
    /// What it may cost at most by batch.
    public var intent: LanguageModelIntent
    /// The request as text, media by their digests.
    public var request: String
    /// Of the line as it is sent, media included.
    public var byteCount: Int
    public var tokens: Int

    public init(intent: LanguageModelIntent, request: String, byteCount: Int, tokens: Int) {
        self.intent = intent
        self.request = request
        self.byteCount = byteCount
        self.tokens = tokens
    }
}

/// How many requests one batch takes, and when it is packed.
public struct BatchSize: Sendable, Hashable {
    public var lines: Int
    public var bytes: Int
    public var tokens: Int
    /// Tokens of all batches that are not over yet.
    public var tokensUnderWay: Int
    /// How long the first line waits for more.
    public var linger: Duration

    public init(lines: Int = 50_000, bytes: Int = 190_000_000, tokens: Int = 20_000_000, tokensUnderWay: Int = 1_000_000_000, linger: Duration = .seconds(60)) {
        self.lines = lines
        self.bytes = bytes
        self.tokens = tokens
        self.tokensUnderWay = tokensUnderWay
        self.linger = linger
    }
}

/// A batch that is not over.
public struct LanguageModelBatch: Sendable, Equatable {
    public enum State: Int16, Sendable, CaseIterable {
        case packed, uploaded
        /// Its creation may or may not have reached the server.
        case creating
        case created
        /// The server is done with it.
        case ended
        /// What it brought is written; its files are still at the server.
        case settled
        case over
    }

    public var id: Int64
    /// In the file's name and in the batch's metadata.
    public var token: String
    public var endpoint: String
    public var model: String
    public var state: State
    public var lines: Int
    public var inputFile: String?
    public var remote: String?
    /// In the server's words.
    public var status: String
    public var outputFile: String?
    public var errorFile: String?
    public var answered: Int
}

/// What a batch's line brought.
public struct BatchAnswer: Sendable {
    public var digest: [UInt8]
    public var answer: RecordedAnswer
    public var receipt: Int64

    public init(digest: [UInt8], answer: RecordedAnswer, receipt: Int64) {
        self.digest = digest
        self.answer = answer
        self.receipt = receipt
    }
}
