/// Why a checkpoint cannot be used: which file or tensor, what is wrong, what to do.
public struct CheckpointError: Error, Sendable, CustomStringConvertible {
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        public static let unreadable = Code(rawValue: "checkpoint.unreadable")
        public static let malformed = Code(rawValue: "checkpoint.malformed")
        public static let unsupported = Code(rawValue: "checkpoint.unsupported")
        public static let tensorMissing = Code(rawValue: "checkpoint.tensor_missing")
        public static let tensorShape = Code(rawValue: "checkpoint.tensor_shape")
    }

    public let code: Code
    public let message: String

    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}

extension CheckpointError {
    /// A tensor that a file does not have, with some that it has.
    static func missing(_ name: String, in file: String, names: [String]) -> CheckpointError {
        let some = names.prefix(8).joined(separator: ", ")
        return CheckpointError(code: .tensorMissing, message: "\(file) has no tensor \(name); its \(names.count) tensors are \(some)\(names.count > 8 ? ", …" : "")")
    }
}
