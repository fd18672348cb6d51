import Foundation
import MusicLanguageModel
import TensorKernels
import Testing

@Suite(.enabled(if: TinyDirectory.isThere, "shared/data/model/tiny_a is not there")) struct ModelDirectoryTests {
    /// A folder with links to some of the checkpoint's parts.
    private static func folder(_ parts: [String]) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("model-directory-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for part in parts { try FileManager.default.createSymbolicLink(atPath: "\(path)/\(part)", withDestinationPath: "\(TinyDirectory.path)/\(part)") }
        return path
    }

    private static func with<Value>(_ parts: [String], _ body: (ModelDirectory) throws -> Value) throws -> Value {
        let path = try folder(parts)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(ModelDirectory(path: path))
    }

    @Test func findsAllPartsOfAWholeCheckpoint() throws {
        let directory = try ModelDirectory(path: TinyDirectory.path)
        #expect(directory.missingParts == [] && directory.remarks == [])
        #expect(directory.adapterWeights?.hasSuffix("lora/adapter_model.safetensors") == true && directory.delta?.hasSuffix("delta/pytorch_model.pt") == true)
        #expect(directory.describableInputs == .all)
        let tensors = try directory.loadLanguageModelTensors()
        #expect(tensors.configuration.vocabulary == 706 && tensors.configuration.layers == 4 && tensors.configuration.epsilon == 1e-6)
        #expect(try tensors.rows(698 ..< 706, of: "lm_head.weight").count == 8 * 256)
        let adapter = try #require(try tensors.adapter(of: "model.layers.3.self_attn.o_proj.weight"))
        #expect(adapter.rank == 32 && adapter.scale == 1)
        #expect(try tensors.adapter(of: "model.layers.3.mlp.up_proj.weight") == nil)
        let tower = try directory.openAudioTower()
        #expect(tower.configuration.heads == 6)
        #expect(try directory.loadAdaptor().outputs == 256)
        #expect(try directory.loadTokenizer().vocabularySize == 706)
    }

    @Test func aDeltaAloneGivesAdaptorLoRAAndAddedRows() throws {
        let whole = try ModelDirectory(path: TinyDirectory.path).loadLanguageModelTensors()
        try Self.with(["llama", "delta"]) { directory in
            #expect(directory.missingParts == [.audioTower])
            let tensors = try directory.loadLanguageModelTensors()
            #expect(tensors.configuration.vocabulary == 706 && tensors.adapterOrigin?.hasSuffix("pytorch_model.pt") == true)
            for name in ["model.embed_tokens.weight", "lm_head.weight"] {
                #expect(zip(try tensors.rows(695 ..< 706, of: name), try whole.rows(695 ..< 706, of: name)).allSatisfy { abs($0 - $1) <= max(abs($1) / 1_024, 1e-6) }, "\(name)")
            }
            let name = "model.layers.0.self_attn.q_proj.weight"
            let (mine, other) = (try #require(try tensors.adapter(of: name)), try #require(try whole.adapter(of: name)))
            #expect(mine.rank == other.rank && mine.scale == 1)
            #expect(zip(mine.a, other.a).allSatisfy { abs($0 - $1) <= max(abs($1) / 1_024, 1e-6) })
            #expect(try directory.loadAdaptor().inputs == 64)
        }
    }

    @Test func withoutAddedRowsTheVocabularyIsTheBaseModels() throws {
        try Self.with(["llama"]) { directory in
            let tensors = try directory.loadLanguageModelTensors()
            #expect(tensors.configuration.vocabulary == 700 && tensors.adapterOrigin == nil)
            let inventory = ModelInventory(directory)
            #expect(inventory.faults.contains { $0.contains("706 tokens") })
            #expect(inventory.missing.map(\.part) == ["audio tower", "adaptor"] && inventory.describableInputs == "2+3+4")
        }
    }

    @Test func withoutALanguageModelMusicIsStillEmbedded() throws {
        try Self.with(["imagebind_audio.pth", "imagebind_config.json"]) { directory in
            #expect(directory.canEmbed && directory.describableInputs == nil)
            #expect(directory.missingParts == [.adaptor, .languageModel, .tokenizer])
            let tower = try directory.openAudioTower()
            let embedder = try AudioEmbedder(tower: tower.tensors, configuration: tower.configuration)
            #expect(embedder.outputs == 64)
            let error = #expect(throws: ModelError.self) { try directory.loadLanguageModelTensors() }
            #expect(error?.code == .checkpoint && error?.message.contains("config.json") == true && error?.message.contains(directory.path) == true)
        }
    }

    @Test func aDirectoryWithoutAnythingSaysWhatIsMissing() throws {
        try Self.with([]) { directory in
            #expect(directory.missingParts == ModelDirectory.Part.allCases && !directory.canEmbed)
        }
        #expect(throws: ModelError.self) { try ModelDirectory(path: "/nowhere/at/all") }
    }

    @Test func theInventoryCountsAndWeighs() throws {
        let inventory = ModelInventory(try ModelDirectory(path: TinyDirectory.path))
        #expect(inventory.faults == [] && inventory.missing.isEmpty && inventory.describableInputs == "1+2+3+4")
        let parts = Dictionary(uniqueKeysWithValues: inventory.parts.map { ($0.name, $0) })
        #expect(parts["audio tower"]?.tensors.count == 37 && parts["LoRA adapter"]?.parameters == 4 * 4 * 2 * 32 * 256)
        #expect(parts["LoRA adapter"]?.remark == "rank 32, scale 1.0, on k_proj, o_proj, q_proj, v_proj")
        let model = try #require(inventory.languageModel)
        #expect(model.parameters == 4 * (4 * 256 * 256 + 3 * 256 * 512 + 2 * 256) + 2 * 706 * 256 + 256 && model.tokenizerVocabulary == 706)
        // What it says is what a loaded model takes.
        let tensors = try ModelDirectory(path: TinyDirectory.path).loadLanguageModelTensors()
        for format in WeightFormat.allCases {
            let loaded = try LlamaModel(tensors, format: format)
            let told = try #require(inventory.memory.first { $0.format == format.rawValue })
            #expect(loaded.byteCount == told.weightBytes && loaded.cacheBytesPerToken == told.cacheBytesPerToken, "\(format)")
        }
        #expect(try JSONDecoder().decode(ModelInventory.self, from: JSONEncoder().encode(inventory)).path == TinyDirectory.path)
    }
}
