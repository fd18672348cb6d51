import Checkpoints

/// Why a model cannot be loaded or cannot answer: what, why, what to do.
public struct ModelError: Error, Sendable, CustomStringConvertible {
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A file, a tensor or a setting of the checkpoint is missing or does not fit.
        public static let checkpoint = Code(rawValue: "model.checkpoint")
        /// The prompt is longer than the model's context.
        public static let promptTooLong = Code(rawValue: "model.prompt_too_long")
        /// A request that no backend can run.
        public static let request = Code(rawValue: "model.request")
        /// A backend that is not installed, does not answer or refuses.
        public static let backend = Code(rawValue: "model.backend")
    }

    public let code: Code
    public let message: String
    public let cause: (any Error)?
    public let isRetriable: Bool

    public init(code: Code, message: String, cause: (any Error)? = nil, isRetriable: Bool = false) {
        self.code = code
        self.message = message
        self.cause = cause
        self.isRetriable = isRetriable
    }

    public var description: String { message }
}
