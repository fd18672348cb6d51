import FleetModel

/// What names a part of a checkpoint in recipes: made of its files' bytes, and not of where they lie or what they are called.
///
/// Digests of files are whole ones: two fine-tunings of a model may differ in a thousandth of their bytes. They are taken once and kept by path, size, time and inode
/// (see `FileIdentity`), since reading 13 GB takes half a minute.
public enum CheckpointIdentity {
    /// One file that a part is made of.
    public struct File: Hashable, Sendable {
        /// What it is in the model, such as `tower`, `weights` or `tokenizer`; several may have one role.
        public var role: String
        public var path: String

        public init(role: String, path: String) {
            self.role = role
            self.path = path
        }
    }

    /// - Parameters:
    ///   - files: in any order; those of one role count in the order of their digests.
    ///   - digest: SHA-256 of a file's bytes.
    public static func of(_ files: [File], digest: (String) async throws -> Digest) async rethrows -> Digest {
        var lines: [String] = []
        for file in files { lines.append("\(file.role) \(try await digest(file.path))") }
        return Digest.of("mvfleet checkpoint 1\n" + lines.sorted().joined(separator: "\n"))
    }
}
