/// A finished file that waits in the staging folder to be published.
struct StagedFile: Sendable {
    /// Where it lies now.
    var stagedPath: String
    /// Where it belongs, relative to the dataset's directory.
    var path: String
    var bytes: Int
    /// Hexadecimal.
    var sha256: String
    /// Samples in it; 0 for what is no shard.
    var samples: Int
}
