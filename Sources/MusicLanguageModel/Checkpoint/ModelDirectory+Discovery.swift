import Checkpoints
import FoundationEssentials

extension ModelDirectory {
    /// Folders that hold other things.
    private static let passedOver: Set<String> = ["ref", "audio", ".git", ".cache"]
    private static let mostFolders = 64
    private static let mostFiles = 256

    mutating func discover() throws(ModelError) {
        guard let entries = Self.entries(path) else { throw ModelError(code: .checkpoint, message: "\(path) is no directory that can be read: give the one with the model's files") }
        // The directory itself goes before those below; of these, the usual names before others.
        let usual = ["llama", "lora", "delta"]
        let below = entries.filter { !Self.passedOver.contains($0) && Self.entries("\(path)/\($0)") != nil }
        let ordered = usual.filter(below.contains) + below.filter { !usual.contains($0) }
        if ordered.count > Self.mostFolders { remarks.append("only \(Self.mostFolders) of \(ordered.count) folders were looked into") }
        for folder in [path] + ordered.prefix(Self.mostFolders).map({ "\(path)/\($0)" }) { look(into: folder, Self.entries(folder) ?? []) }
        reference = [path + "/ref", path].first { FileManager.default.fileExists(atPath: $0 + "/ref.json") }
        if let folder = languageModel, FileManager.default.fileExists(atPath: folder + "/tokenizer.model") { tokenizer = folder }
    }

    private mutating func look(into folder: String, _ entries: [String]) {
        let there = Set(entries)
        let weights = TensorFiles.usualNames.first(where: there.contains)
        var holdsLanguageModel = false
        if there.contains("config.json"), let kind = Self.modelType(folder + "/config.json") {
            if kind == "llama", let weights, Self.holdsEmbeddings("\(folder)/\(weights)") {
                holdsLanguageModel = true
                take(folder, \.languageModel, "language model")
            } else { remarks.append("\(folder) holds " + (kind == "llama" ? "a language model's config.json without its weights" : "a model of the type '\(kind)', where 'llama' is known")) }
        }
        if there.contains("tokenizer.model"), tokenizer == nil { tokenizer = folder }
        if there.contains("adapter_config.json") {
            let file = ["adapter_model.safetensors", "adapter_model.bin"].first(where: there.contains).map { "\(folder)/\($0)" }
            // One with weights goes before one that only says how a delta is scaled.
            if adapter == nil || (adapterWeights == nil && file != nil) { (adapter, adapterWeights) = (folder, file) } else { remarks.append("\(folder) holds another adapter, which is not used") }
        }
        let files = entries.filter { Self.isOfTensors($0) && !$0.hasPrefix("adapter_model.") && !(holdsLanguageModel && Self.isOfLanguageModel($0)) }
        // Usual names first: where two files hold the same, they go before.
        let usual = ["imagebind_huge.pth", "imagebind_audio.pth", "imagebind_audio.safetensors", "pytorch_model.pt", "adaptor.safetensors", "vocab_ext.safetensors"]
        for name in (usual.filter(files.contains) + files.filter { !usual.contains($0) }).prefix(Self.mostFiles) { classify("\(folder)/\(name)", folder) }
    }

    /// Whether weights are a whole model's: a delta may lie beside a copy of the model's configuration. What cannot be opened says why when it is loaded.
    private static func holdsEmbeddings(_ weights: String) -> Bool {
        do throws(CheckpointError) { return try TensorFiles.open(weights).names.contains(LanguageModelTensors.embeddingsName) } catch { return true }
    }

    /// What a file of tensors is, by their names; it may be several things.
    private mutating func classify(_ file: String, _ folder: String) {
        let names: [String]
        do throws(CheckpointError) { names = try TensorFiles.open(file).names } catch {
            remarks.append(error.message)
            return
        }
        var isKnown = false
        if names.contains(where: { $0.hasSuffix(TowerTensors.classToken) }) {
            if audioTower == nil { audioConfiguration = ["\(folder)/imagebind_config.json", "\(path)/imagebind_config.json"].first { FileManager.default.fileExists(atPath: $0) } }
            take(file, \.audioTower, "audio tower")
            isKnown = true
        }
        let hasAdapters = names.contains { $0.contains(".lora_A.") }
        if hasAdapters || names.contains(where: { $0.hasPrefix("llama_model.") }) {
            take(file, \.delta, "delta")
            isKnown = true
        } else if names.contains(where: { $0 == "llama_proj.weight" || $0.hasSuffix(".llama_proj.weight") }) {
            take(file, \.adaptor, "adaptor")
            isKnown = true
        }
        if names.contains(where: { $0.hasSuffix(".new_rows") }) {
            take(file, \.addedRows, "file of added tokens' rows")
            isKnown = true
        }
        if !isKnown { remarks.append("\(file) holds none of the model's parts (\(names.prefix(2).joined(separator: ", "))\(names.count > 2 ? ", …" : ""))") }
    }

    private mutating func take(_ found: String, _ part: WritableKeyPath<ModelDirectory, String?>, _ name: String) {
        if self[keyPath: part] == nil { self[keyPath: part] = found } else { remarks.append("\(found) holds another \(name), which is not used") }
    }

    /// Sorted; nil for what is no directory.
    private static func entries(_ path: String) -> [String]? { (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() }

    private static func modelType(_ path: String) -> String? {
        struct Stored: Decodable {
            var model_type: String?
            var architectures: [String]?
        }
        guard let stored = try? JSONFile.read(Stored.self, path, isOptional: true) else { return nil }
        return stored.model_type ?? (stored.architectures?.contains("LlamaForCausalLM") == true ? "llama" : nil)
    }

    private static func isOfTensors(_ name: String) -> Bool {
        let others = ["training_args.bin", "optimizer.", "scheduler.", "rng_state", "consolidated."]
        return [".safetensors", ".pth", ".pt", ".bin"].contains { name.hasSuffix($0) } && !others.contains { name.hasPrefix($0) }
    }

    /// Whole or in shards.
    private static func isOfLanguageModel(_ name: String) -> Bool {
        TensorFiles.usualNames.contains(name) || ((name.hasPrefix("model-") || name.hasPrefix("pytorch_model-")) && name.contains("-of-"))
    }
}
