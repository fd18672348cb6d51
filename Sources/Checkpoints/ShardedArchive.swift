import FoundationEssentials

/// A checkpoint in several files, as Hugging Face lays it out: `model.safetensors.index.json` or `pytorch_model.bin.index.json` says which
/// file holds which tensor.
public struct ShardedArchive: TensorArchive {
    private struct Index: Decodable {
        var weight_map: [String: String]
    }

    private static let mostIndexBytes = 1 << 26
    private static let mostFiles = 10_000

    /// Sorted.
    public let names: [String]
    private let files: [String: String]
    private let archives: [String: any TensorArchive]

    /// - path: of the index; the files are beside it.
    /// - Throws: `CheckpointError`: for a file that is missing, is named by more than its name, or has not the tensors that the index says.
    public init(path: String) throws(CheckpointError) {
        let source = try CheckpointFile(path: path)
        guard source.count <= Self.mostIndexBytes else { throw source.malformed("an index of \(source.count) bytes is none") }
        let index: Index
        do {
            index = try JSONDecoder().decode(Index.self, from: Data(source.bytes(0 ..< source.count)))
        } catch { throw source.malformed("it is no index of a sharded checkpoint: \(error)") }
        let shards = Set(index.weight_map.values)
        guard shards.count <= Self.mostFiles else { throw source.malformed("it names \(shards.count) files") }
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var archives: [String: any TensorArchive] = [:]
        for shard in shards.sorted() {
            // An index is data: it names files beside itself, and nothing elsewhere. A link by such a name is followed, as Hugging Face's cache is made of them.
            guard !shard.isEmpty, shard != ".", shard != "..", !shard.contains("/"), !shard.contains("\0") else { throw source.malformed("it names the file '\(shard)', which is not beside it") }
            archives[shard] = try TensorFiles.file(folder.isEmpty ? (path.hasPrefix("/") ? "/" + shard : shard) : folder + "/" + shard)
        }
        for (shard, archive) in archives {
            let there = Set(archive.names)
            if let missing = index.weight_map.first(where: { $0.value == shard && !there.contains($0.key) }) {
                throw source.malformed("\(shard) has no tensor \(missing.key), which the index says is there: the files are of different checkpoints, or one is incomplete")
            }
        }
        files = index.weight_map
        names = files.keys.sorted()
        self.archives = archives
    }

    /// - Throws: `CheckpointError.tensorMissing`.
    public func tensor(_ name: String) throws(CheckpointError) -> StoredTensor {
        guard let file = files[name], let archive = archives[file] else { throw .missing(name, in: "the sharded checkpoint", names: names) }
        return try archive.tensor(name)
    }
}
