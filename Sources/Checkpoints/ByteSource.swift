/// Bytes of a known number that are read in parts: a file, or what is in memory already.
package protocol ByteSource: Sendable {
    /// What an error calls it: a path.
    var name: String { get }
    var count: Int { get }

    /// Lends the bytes of a range.
    ///
    /// - Throws: `CheckpointError.unreadable` when they cannot be read, or are no longer there.
    func withBytes(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) throws(CheckpointError)
}

extension ByteSource {
    /// A copy of a range's bytes, for what is small.
    package func bytes(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
        var result: [UInt8] = []
        try withBytes(range) { result = Array($0) }
        return result
    }

    package func malformed(_ message: String) -> CheckpointError { CheckpointError(code: .malformed, message: "\(name): \(message)") }
    package func unsupported(_ message: String) -> CheckpointError { CheckpointError(code: .unsupported, message: "\(name): \(message)") }
}

/// A checkpoint that is in memory.
package struct InMemoryBytes: ByteSource {
    package let name: String
    private let storage: [UInt8]

    package init(_ storage: [UInt8], name: String) {
        self.storage = storage
        self.name = name
    }

    package var count: Int { storage.count }

    package func withBytes(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) throws(CheckpointError) {
        guard range.lowerBound >= 0, range.upperBound <= storage.count else { throw malformed("it has \(storage.count) bytes, not \(range)") }
        storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }
}
