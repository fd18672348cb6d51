import Checkpoints
import FleetModel
import Foundation
import MusicLanguageModel

extension CheckpointIdentity {
    /// What the audio tower is made of; empty where there is none.
    public static func towerFiles(of directory: ModelDirectory) -> [File] {
        [("tower", directory.audioTower), ("tower-configuration", directory.audioConfiguration)].compactMap { role, path in path.map { File(role: role, path: $0) } }
    }

    /// What texts are made of: language model, adapters, adaptor and tokenizer; empty where model or tokenizer is missing. Of parts that are there twice, those that are used.
    public static func languageFiles(of directory: ModelDirectory) -> [File] {
        guard let model = directory.languageModel, let tokenizer = directory.tokenizer else { return [] }
        func there(_ folder: String, _ role: String, _ names: [String]) -> [File] {
            names.map { File(role: role, path: folder + "/" + $0) }.filter { FileManager.default.fileExists(atPath: $0.path) }
        }
        var files = there(model, "configuration", ["config.json"]) + weights(in: model)
        files += there(tokenizer, "tokenizer", ["tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "tokenizer.json"])
        if let adapter = directory.adapter { files += there(adapter, "adapter-configuration", ["adapter_config.json"]) }
        for (role, path) in [("adapter", directory.adapterWeights), ("adaptor", directory.adaptor), ("added-rows", directory.addedRows), ("delta", directory.delta)] {
            if let path { files.append(File(role: role, path: path)) }
        }
        return files
    }

    /// The file, or the index and the files that it names.
    private static func weights(in folder: String) -> [File] {
        struct Index: Decodable { var weight_map: [String: String] }
        guard let name = TensorFiles.usualNames.first(where: { FileManager.default.fileExists(atPath: folder + "/" + $0) }) else { return [] }
        var files = [File(role: "weights", path: folder + "/" + name)]
        // One that does not read is said when the model is loaded.
        if name.hasSuffix(".index.json"), let data = FileManager.default.contents(atPath: files[0].path), let index = try? JSONDecoder().decode(Index.self, from: data) {
            files += Set(index.weight_map.values).sorted().filter { !$0.contains("/") }.map { File(role: "weights", path: folder + "/" + $0) }
        }
        return files
    }
}
