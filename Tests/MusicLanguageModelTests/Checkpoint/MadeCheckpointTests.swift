import Foundation
import MusicLanguageModel
import Testing

@Suite struct MadeCheckpointTests {
    private static func made(_ body: (MadeCheckpoint) throws -> Void) throws {
        let checkpoint = try MadeCheckpoint()
        defer { checkpoint.remove() }
        try body(checkpoint)
    }

    private static func refusal(_ checkpoint: MadeCheckpoint) -> String {
        do {
            _ = try ModelDirectory(path: checkpoint.path).loadLanguageModelTensors()
            return ""
        } catch { return "\(error)" }
    }

    private static func adapter(_ modules: [(String, Int, Int)], rank: Int = 2, name: String = "") -> [(name: String, shape: [Int])] {
        modules.flatMap { module, outputs, inputs in
            [("base_model.model.\(module).lora_A\(name).weight", [rank, inputs]), ("base_model.model.\(module).lora_B\(name).weight", [outputs, rank])]
        }
    }

    @Test func groupedHeadsAndTiedEmbeddingsAreRead() throws {
        try Self.made { checkpoint in
            try checkpoint.writeLlama(configuration: Self.changed(#""tie_word_embeddings":true"#), tied: true)
            let tensors = try ModelDirectory(path: checkpoint.path).loadLanguageModelTensors()
            #expect(tensors.configuration.keyValueWidth == 4 && tensors.configuration.headDimension == 4 && tensors.configuration.tiesEmbeddings && tensors.configuration.epsilon == 1e-5)
            #expect(try tensors.rows(5 ..< 6, of: "lm_head.weight") == tensors.rows(5 ..< 6, of: "model.embed_tokens.weight"))
        }
    }

    @Test func adaptersAreScaledAsTheirConfigurationSays() throws {
        let modules = [("model.layers.0.mlp.gate_proj", 12, 8), ("model.layers.1.mlp.down_proj", 8, 12)]
        for (settings, gate, down) in [(#"{"peft_type":"LORA","r":2,"lora_alpha":24}"#, 12, 12), (#"{"r":2,"lora_alpha":24,"use_rslora":true}"#, 16.970562, 16.970562),
                                       (#"{"r":9,"lora_alpha":24,"alpha_pattern":{"down_proj":6}}"#, 12, 3), (#"{"r":2,"lora_alpha":4,"alpha_pattern":{"^model\\.layers\\.0\\.mlp\\.gate_proj":6}}"#, 3, 2)] as [(String, Float, Float)] {
            try Self.made { checkpoint in
                try checkpoint.writeLlama()
                try checkpoint.write("tuned/adapter_config.json", json: settings)
                try checkpoint.write("tuned/adapter_model.safetensors", tensors: Self.adapter(modules))
                let tensors = try ModelDirectory(path: checkpoint.path).loadLanguageModelTensors()
                let first = try #require(try tensors.adapter(of: "model.layers.0.mlp.gate_proj.weight"))
                #expect(first.rank == 2 && first.scale == gate && first.a.count == 16 && first.b.count == 24, "\(settings)")
                #expect(try tensors.adapter(of: "model.layers.1.mlp.down_proj.weight")?.scale == down, "\(settings)")
                #expect(try tensors.adapter(of: "model.layers.0.mlp.down_proj.weight") == nil)
            }
        }
    }

    @Test func rowsOfAddedTokensStandBehindTheModelsOwn() throws {
        try Self.made { checkpoint in
            try checkpoint.writeLlama()
            try checkpoint.write("rows.safetensors", tensors: [("embed_tokens.new_rows", [2, 8]), ("lm_head.new_rows", [2, 8])], first: 50)
            let tensors = try ModelDirectory(path: checkpoint.path).loadLanguageModelTensors()
            #expect(tensors.configuration.vocabulary == 8)
            #expect(try tensors.rows(5 ..< 7, of: "lm_head.weight").map { $0 > 50 } == [Bool](repeating: false, count: 8) + [Bool](repeating: true, count: 8))
            #expect(try tensors.rows(6 ..< 8, of: "model.embed_tokens.weight").count == 16)
            #expect(throws: (any Error).self) { try tensors.rows(7 ..< 9, of: "lm_head.weight") }
        }
    }

    @Test func aDeltaMayLieBesideACopyOfTheModelsConfiguration() throws {
        try Self.made { checkpoint in
            try checkpoint.writeLlama()
            try checkpoint.write("config.json", json: MadeCheckpoint.configuration)
            let delta = Self.adapter([("model.layers.0.mlp.up_proj", 12, 8)], name: ".default").map { ("llama_model." + $0.name, $0.shape) }
            try checkpoint.write("pytorch_model.bin", tensors: delta + [("llama_proj.weight", [8, 4]), ("llama_proj.bias", [8]), ("gen_text_hidden_fcs.weight", [2])])
            let directory = try ModelDirectory(path: checkpoint.path)
            #expect(directory.languageModel == checkpoint.path + "/vicuna" && directory.delta == checkpoint.path + "/pytorch_model.bin")
            let adapter = try #require(try directory.loadLanguageModelTensors().adapter(of: "model.layers.0.mlp.up_proj.weight"))
            let adaptor = try directory.loadAdaptor()
            #expect(adapter.scale == 1 && adaptor.inputs == 4)
            // A delta does not say how it is scaled: an adapter's configuration may.
            try checkpoint.write("adapter_config.json", json: #"{"r":2,"lora_alpha":6}"#)
            let scaled = try ModelDirectory(path: checkpoint.path).loadLanguageModelTensors()
            #expect(try scaled.adapter(of: "model.layers.0.mlp.up_proj.weight")?.scale == 3)
        }
    }

    @Test func embeddingsThatAnAdapterSavedWholeReplaceTheModels() throws {
        try Self.made { checkpoint in
            try checkpoint.writeLlama()
            try checkpoint.write("tuned/adapter_config.json", json: #"{"r":2,"lora_alpha":2,"modules_to_save":["embed_tokens","lm_head"]}"#)
            try checkpoint.write("tuned/adapter_model.safetensors", tensors: Self.adapter([("model.layers.0.self_attn.q_proj", 8, 8), ("lm_head", 9, 8)])
                + [("base_model.model.model.embed_tokens.weight", [9, 8]), ("base_model.model.lm_head.base_layer.weight", [9, 8])], first: 50)
            let tensors = try ModelDirectory(path: checkpoint.path).loadLanguageModelTensors()
            #expect(tensors.configuration.vocabulary == 9)
            #expect(try tensors.rows(0 ..< 9, of: "model.embed_tokens.weight").allSatisfy { $0 > 50 })
            #expect(try tensors.adapter(of: "lm_head.weight")?.b.count == 18)
        }
    }

    @Test(arguments: [
        (#"{"r":2,"use_dora":true}"#, "DoRA"), (#"{"peft_type":"IA3"}"#, "IA3"), (#"{"r":2,"bias":"all"}"#, "biases"), (#"{"r":2,"init_lora_weights":"pissa_niter_4"}"#, "pissa"),
        (#"{"r":2,"alpha_pattern":{".*_proj":4}}"#, "no plain module name"), (#"{"r":2,"lora_alpha":-1}"#, "lora_alpha"), (#"{"r":"#, "adapter_config.json"), (#"{"r":2,"layer_replication":[[0,1]]}"#, "layer_replication"),
    ]) func adaptersOfOtherKindsAreRefused(settings: String, reason: String) throws {
        try Self.made { checkpoint in
            try checkpoint.writeLlama()
            try checkpoint.write("tuned/adapter_config.json", json: settings)
            try checkpoint.write("tuned/adapter_model.safetensors", tensors: Self.adapter([("model.layers.0.mlp.up_proj", 12, 8)]))
            #expect(Self.refusal(checkpoint).contains(reason), "\(Self.refusal(checkpoint))")
        }
    }

    @Test func adaptersOfOtherModelsAreRefused() throws {
        let wrong: [([(name: String, shape: [Int])], String)] = [
            (Self.adapter([("model.layers.0.mlp.up_proj", 12, 9)]), "another model"), (Self.adapter([("model.layers.7.mlp.up_proj", 12, 8)]), "no such matrix"),
            ([("base_model.model.model.layers.0.mlp.up_proj.lora_A.weight", [2, 8])], "only one of"), ([("base_model.model.model.layers.0.mlp.up_proj.lora_magnitude_vector", [12])], "no LoRA of a linear layer"),
            ([("base_model.model.model.embed_tokens.lora_embedding_A", [2, 6])], "no LoRA of a linear layer"), (Self.adapter([("model.layers.0.input_layernorm", 8, 1)]), "another model"),
        ]
        for (tensors, reason) in wrong {
            try Self.made { checkpoint in
                try checkpoint.writeLlama()
                try checkpoint.write("tuned/adapter_config.json", json: #"{"r":2,"lora_alpha":2}"#)
                try checkpoint.write("tuned/adapter_model.safetensors", tensors: tensors)
                #expect(Self.refusal(checkpoint).contains(reason), "\(Self.refusal(checkpoint))")
            }
        }
    }

    private static func changed(_ more: String) -> String { String(MadeCheckpoint.configuration.dropLast()) + "," + more + "}" }

    @Test(arguments: [
        (#""rope_scaling":{"type":"linear","factor":4.0},"max_position_embeddings":2048,"max_sequence_length":8192"#, LlamaConfiguration.RopeScaling.linear(factor: 4), 8_192),
        (#""rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192},"max_position_embeddings":131072"#,
         .llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8_192), 131_072),
        (#""rope_scaling":{"type":"dynamic","factor":2.0},"max_position_embeddings":4096"#, .none, 4_096), (#""rope_scaling":null"#, .none, 2_048),
        (#""rope_parameters":{"rope_type":"default","rope_theta":500000.0}"#, .none, 2_048),
    ]) func rotaryPositionsAreRead(settings: String, scaling: LlamaConfiguration.RopeScaling, context: Int) throws {
        try Self.made { checkpoint in
            try checkpoint.write("config.json", json: Self.changed(settings))
            let configuration = try LlamaConfiguration(path: checkpoint.path + "/config.json")
            #expect(configuration.ropeScaling == scaling && configuration.contextLength == context)
            #expect(configuration.ropeTheta == (settings.contains("500000") ? 500_000 : 10_000))
        }
    }

    @Test(arguments: [
        (#""rope_scaling":{"type":"yarn","factor":4.0}"#, "yarn"), (#""attention_bias":true"#, "attention_bias"), (#""mlp_bias":true"#, "mlp_bias"), (#""quantization_config":{"bits":4}"#, "quantised"),
        (#""hidden_act":"gelu""#, "gelu"), (#""head_dim":0"#, "head_dim"), (#""num_hidden_layers_":1,"max_position_embeddings":-5"#, "max_position_embeddings"),
    ]) func whatChangesTheArithmeticIsRefused(settings: String, reason: String) throws {
        try Self.made { checkpoint in
            try checkpoint.writeLlama(configuration: Self.changed(settings))
            #expect(Self.refusal(checkpoint).contains(reason), "\(Self.refusal(checkpoint))")
        }
    }

    @Test func checkpointsThatAreIncompleteOrOfAnotherKindSaySo() throws {
        try Self.made { checkpoint in
            try checkpoint.write("vicuna/config.json", json: MadeCheckpoint.configuration)
            #expect(Self.refusal(checkpoint).contains("without its weights"))
            try checkpoint.write("vicuna/model.safetensors", tensors: Array(MadeCheckpoint.llama().dropLast(2)))
            #expect(Self.refusal(checkpoint).contains("lacks 2 of its 21 tensors"), "\(Self.refusal(checkpoint))")
            try checkpoint.writeLlama(configuration: MadeCheckpoint.configuration.replacing(#""intermediate_size":12"#, with: #""intermediate_size":16"#))
            #expect(Self.refusal(checkpoint).contains("config.json asks for"), "\(Self.refusal(checkpoint))")
            try checkpoint.write("vicuna/config.json", json: #"{"model_type":"mistral"}"#)
            #expect(Self.refusal(checkpoint).contains("mistral"), "\(Self.refusal(checkpoint))")
            try checkpoint.write("vicuna/config.json", json: "[1]")
            #expect(Self.refusal(checkpoint).contains("no language model"), "\(Self.refusal(checkpoint))")
        }
    }
}
