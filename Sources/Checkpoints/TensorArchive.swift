/// A file, or some files together, of named tensors.
public protocol TensorArchive: Sendable {
    /// Sorted.
    var names: [String] { get }

    /// - Throws: `CheckpointError.tensorMissing` when it is not there.
    func tensor(_ name: String) throws(CheckpointError) -> StoredTensor
}
