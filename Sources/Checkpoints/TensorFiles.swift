import Glibc

/// Opens checkpoints of all kinds by what is in them.
public enum TensorFiles {
    /// What a directory's weights are called, the first that is there; as transformers looks for them.
    public static let usualNames = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"]

    /// A safetensors file, a file of torch.save, the index of a sharded checkpoint, or a directory with one of these under its usual name.
    ///
    /// - Throws: `CheckpointError`, which names the file, and what to do.
    public static func open(_ path: String) throws(CheckpointError) -> any TensorArchive {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            guard let name = usualNames.first(where: { access("\(path)/\($0)", F_OK) == 0 }) else {
                throw CheckpointError(code: .unreadable, message: "\(path) has no weights: none of \(usualNames.joined(separator: ", "))")
            }
            return try open("\(path)/\(name)")
        }
        return path.hasSuffix(".index.json") ? try ShardedArchive(path: path) : try file(path)
    }

    /// One file of tensors, of either format.
    static func file(_ path: String) throws(CheckpointError) -> any TensorArchive {
        let source = try CheckpointFile(path: path)
        let first = try source.bytes(0 ..< min(source.count, 16))
        func begins(_ text: String) -> Bool { first.starts(with: Array(text.utf8)) }
        if begins("PK\u{3}\u{4}") || first.starts(with: [0x80, 0x02]) { return try TorchArchive(source) }
        if begins("version https://") {
            throw source.unsupported("it is a pointer of Git LFS, not the weights: run `git lfs pull` where it was cloned, or download the file itself")
        }
        if begins("GGUF") { throw source.unsupported("it is a GGUF file, which llama.cpp reads; the safetensors or .bin files that it was made from are needed") }
        if begins("<!DOCTYPE") || begins("<html") { throw source.malformed("it is a web page, not a checkpoint: the download failed") }
        return try SafetensorsArchive(source)
    }
}
