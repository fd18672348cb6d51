/// The one shape of an error in this module. The message names the thing, the cause, and what to do.
public struct CaptionError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// A text is not in the paper's form.
        public static let malformedText = Code(rawValue: "caption.malformed_text")
        /// A prompt's file is not in its form, or uses a name that its stage does not have.
        public static let malformedPrompt = Code(rawValue: "caption.malformed_prompt")
        /// There is no such prompt, or there are two.
        public static let unknownPrompt = Code(rawValue: "caption.unknown_prompt")
    }

    public var code: Code
    public var message: String
    public var cause: String?
    public var isRetriable: Bool

    public init(_ code: Code, _ message: String, cause: String? = nil, isRetriable: Bool = false) {
        self.code = code
        self.message = message
        self.cause = cause
        self.isRetriable = isRetriable
    }

    public var description: String { cause.map { "\(message) (\(code): \($0))" } ?? "\(message) (\(code))" }
}
