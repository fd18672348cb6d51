/// Why a tokenizer's model cannot be used: which file, what is wrong, what to do.
public struct SentencePieceError: Error, Sendable, CustomStringConvertible {
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        public static let unreadable = Code(rawValue: "sentencepiece.unreadable")
        public static let malformed = Code(rawValue: "sentencepiece.malformed")
        public static let unsupported = Code(rawValue: "sentencepiece.unsupported")
    }

    public let code: Code
    public let message: String

    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
