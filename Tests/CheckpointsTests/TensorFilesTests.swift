import Checkpoints
import Foundation
import Testing

@Suite struct TensorFilesTests {
    private static let shard = SafetensorsArchiveTests.file(#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, singles([7]))

    private static func withFolder(_ files: [String: [UInt8]], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tensor-files-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, bytes) in files { try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }
        try body(folder)
    }

    private static func index(_ map: [String: String]) throws -> [UInt8] { try Array(JSONEncoder().encode(["weight_map": map])) }

    @Test func opensWhatAFolderHas() throws {
        try Self.withFolder(["model.safetensors": Self.shard]) { folder in
            let archive = try TensorFiles.open(folder)
            #expect(archive.names == ["a"])
        }
        let torch = ZipFile(pickle: .ofTensor(count: 1, shape: [1], strides: [1]), storages: ["0": singles([9])]).bytes
        try Self.withFolder(["pytorch_model-00001-of-00002.bin": torch, "pytorch_model-00002-of-00002.bin": Self.shard,
                             "pytorch_model.bin.index.json": try Self.index(["w": "pytorch_model-00001-of-00002.bin", "a": "pytorch_model-00002-of-00002.bin"])]) { folder in
            let archive = try TensorFiles.open(folder)
            #expect(archive.names == ["a", "w"])
            #expect(try archive.tensor("w").floats() == [9])
            #expect(try archive.tensor("a").floats() == [7])
        }
        try Self.withFolder([:]) { folder in
            let error = #expect(throws: CheckpointError.self) { try TensorFiles.open(folder) }
            #expect(error?.message.contains("model.safetensors") == true)
        }
    }

    /// As Hugging Face's cache: the files are links to others.
    @Test func followsLinksToPlainFiles() throws {
        try Self.withFolder(["blob": Self.shard, "model.safetensors.index.json": try Self.index(["a": "link.safetensors"])]) { folder in
            try FileManager.default.createSymbolicLink(atPath: folder + "/link.safetensors", withDestinationPath: "blob")
            #expect(try TensorFiles.open(folder).tensor("a").floats() == [7])
        }
    }

    @Test(arguments: ["../model.safetensors", "/etc/passwd", "", "..", "x/y.safetensors", "missing.safetensors", "a\u{0}b"])
    func refusesShardsThatAreNotBesideTheIndex(shard: String) throws {
        try Self.withFolder(["model.safetensors.index.json": try Self.index(["a": shard])]) { folder in
            #expect(throws: CheckpointError.self) { try TensorFiles.open(folder) }
        }
    }

    @Test func refusesAnIndexThatSaysWhatIsNotSo() throws {
        try Self.withFolder(["s.safetensors": Self.shard, "model.safetensors.index.json": try Self.index(["a": "s.safetensors", "b": "s.safetensors"])]) { folder in
            let error = #expect(throws: CheckpointError.self) { try TensorFiles.open(folder) }
            #expect(error?.message.contains("no tensor b") == true)
        }
        try Self.withFolder(["model.safetensors.index.json": Array("{}".utf8)]) { folder in #expect(throws: CheckpointError.self) { try TensorFiles.open(folder) } }
    }

    @Test(arguments: [("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"), ("GGUF\u{3}\u{0}\u{0}\u{0}aaaaaaaa", "GGUF"), ("<!DOCTYPE html><html></html>", "web page"), ("hello there", "safetensors")])
    func saysWhatAFileIsInstead(content: String, message: String) throws {
        try Self.withFolder(["model.safetensors": Array(content.utf8)]) { folder in
            let error = #expect(throws: CheckpointError.self) { try TensorFiles.open(folder) }
            #expect(error?.message.contains(message) == true && error?.message.contains(folder) == true)
        }
    }

    @Test func devicesPipesAndFoldersAreNoCheckpoints() throws {
        try Self.withFolder([:]) { folder in
            #expect(mkfifo(folder + "/model.safetensors", 0o600) == 0)
            let error = #expect(throws: CheckpointError.self) { try TensorFiles.open(folder) }
            #expect(error?.message.contains("not a plain file") == true)
        }
        #expect(throws: CheckpointError.self) { try TensorFiles.open("/dev/zero") }
        #expect(throws: CheckpointError.self) { try TensorFiles.open("/nowhere") }
    }

    /// Somebody copies another file over the one that is being read: an error, and not the end of the process.
    @Test func aFileThatBecomesShorterIsAnError() throws {
        let count = 1 << 16
        let bytes = SafetensorsArchiveTests.file(#"{"a":{"dtype":"F32","shape":[\#(count / 4)],"data_offsets":[0,\#(count)]}}"#, [UInt8](repeating: 0, count: count))
        try Self.withFolder(["model.safetensors": bytes]) { folder in
            let tensor = try TensorFiles.open(folder).tensor("a")
            #expect(truncate(folder + "/model.safetensors", 100) == 0)
            let error = #expect(throws: CheckpointError.self) { try tensor.floats() }
            #expect(error?.code == .unreadable && error?.message.contains("shorter") == true)
        }
    }
}
