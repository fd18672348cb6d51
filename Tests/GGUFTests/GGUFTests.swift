import Foundation
import GGUF
import MusicLanguageModel
import Testing

@Suite struct GGUFTests {
    /// Lengths and beginnings of what the `gguf` package 0.19 makes of the same numbers (`gguf.quants.quantize`).
    @Test(arguments: [
        (.q8_0, 102, "7130e9f420b8f95ca10328e51f96e555ef0032cf177fca09d8f736b3087ef50c44e74b312ba3f50c"),
        (.q4_0, 54, "68c059b9760db872ae9856da760f9a7349a84041ab9277994778cc268aa06899e568cc7400808888"),
        (.bf16, 192, "48c0d0bf904020c170bf4c4152c1e03eb04070c088406bc170c03d4114c00000de40d8c048408d41"),
        (.f16, 192, "40c280be804400c980bb604a90ca0037804580c3404458cb80c3e849a0c00000f046c0c64042684c"),
    ] as [(GGUFTensorType, Int, String)])
    func roundsAsTheReferenceDoes(type: GGUFTensorType, count: Int, beginning: String) {
        let values = (0 ..< 96).map { (index: Int) -> Float in
            let step = Float((index * 37) % 101 - 50) / 16
            return index < 64 ? step * Float(1 + index % 7) : 0
        }
        let bytes = type.encode(values)
        #expect(bytes.count == count)
        let digits = bytes.prefix(40).map { (byte: UInt8) -> String in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }
        #expect(digits.joined() == beginning)
    }

    @Test func holdsWhatLlamaNeedsToKnow() throws {
        let contents = try written(SmallLlama(), format: .f32)
        #expect(contents.values["general.architecture"] == "llama")
        #expect(contents.values["llama.attention.head_count_kv"] == "2" && contents.values["llama.attention.key_length"] == "8")
        #expect(contents.values["llama.attention.layer_norm_rms_epsilon"] == "1e-05" && contents.values["llama.rope.freq_base"] == "500000.0")
        #expect(contents.values["tokenizer.ggml.tokens"] == "<unk>|<s>|</s>|<0x0A>|▁a|<Aud>|[PAD6]")
        #expect(contents.values["tokenizer.ggml.token_type"] == "2|3|3|6|1|4|5")
        #expect(contents.values["tokenizer.ggml.scores"] == "0.0|0.0|0.0|0.0|-1.5|-1000.0|-1000.0")
        #expect(contents.values["tokenizer.ggml.bos_token_id"] == "1" && contents.values["tokenizer.ggml.eos_token_id"] == "2")
        #expect(contents.tensors.count == 3 + 2 * 9)
        #expect(contents.tensors["token_embd.weight"]?.dimensions == [32, 7])
        #expect(contents.tensors["blk.1.ffn_down.weight"]?.dimensions == [48, 32])
        #expect(contents.tensors["blk.0.attn_norm.weight"]?.dimensions == [32])
        #expect(contents.tensors["output_norm.weight"]?.floats == (0 ..< 32).map { SmallLlama.value($0, 0) })
    }

    @Test func queriesAndKeysChangePlacesWithinTheirHeads() throws {
        let contents = try written(SmallLlama(), format: .f32)
        func rows(_ name: String) -> [Int] { contents.tensors[name]!.floats.indices.filter { $0 % 32 == 0 }.map { Int(contents.tensors[name]!.floats[$0]) } }
        let head = [0, 4, 1, 5, 2, 6, 3, 7]
        #expect(rows("blk.0.attn_q.weight") == (0 ..< 4).flatMap { index in head.map { $0 + index * 8 } })
        #expect(rows("blk.1.attn_k.weight") == (0 ..< 2).flatMap { index in head.map { $0 + index * 8 } })
        #expect(rows("blk.0.attn_v.weight") == Array(0 ..< 16))
    }

    @Test func rowsThatAreNoWholeBlocksStayInHalfPrecision() throws {
        let contents = try written(SmallLlama(), format: .q4_0)
        #expect(contents.tensors["blk.0.ffn_down.weight"]?.type == 1)
        #expect(contents.tensors["blk.0.attn_q.weight"]?.type == 2)
        #expect(contents.tensors["token_embd.weight"]?.type == 8 && contents.tensors["output.weight"]?.type == 8)
    }

    @Test func adaptersAreMergedOrWrittenBeside() throws {
        var llama = SmallLlama()
        let query = "model.layers.0.self_attn.q_proj.weight"
        llama.adapters[query] = LowRankAdapter(rank: 1, scale: 2, a: (0 ..< 32).map { _ in 1 }, b: (0 ..< 32).map { Float($0) })
        let merged = try written(llama, format: .f32, merging: true)
        // Row 4 of the checkpoint is row 1 of the file: 4 + column / 64 + 2 · 4 · 1.
        #expect(Array(try #require(merged.tensors["blk.0.attn_q.weight"]).floats[32 ..< 34]) == [12, 12 + 1 / 64])

        let beside = try read { try LlamaAdapterFile(tensors: llama).write(to: $0) }
        #expect(beside.values["general.type"] == "adapter" && beside.values["adapter.lora.alpha"] == "2.0")
        #expect(beside.tensors["blk.0.attn_q.weight.lora_a"]?.dimensions == [32, 1])
        #expect(beside.tensors["blk.0.attn_q.weight.lora_b"]?.dimensions == [1, 32])
        #expect(Array(try #require(beside.tensors["blk.0.attn_q.weight.lora_b"]).floats[..<4]) == [0, 4, 1, 5])
    }

    @Test func adaptersOfSeveralScalesHaveThemInTheirNumbers() throws {
        var llama = SmallLlama()
        llama.adapters["model.layers.0.self_attn.v_proj.weight"] = LowRankAdapter(rank: 1, scale: 2, a: Array(repeating: 1, count: 32), b: Array(repeating: 3, count: 16))
        llama.adapters["model.layers.1.mlp.down_proj.weight"] = LowRankAdapter(rank: 2, scale: 0.5, a: Array(repeating: 1, count: 96), b: Array(repeating: 4, count: 64))
        let contents = try read { try LlamaAdapterFile(tensors: llama).write(to: $0) }
        #expect(contents.values["adapter.lora.alpha"] == "0.0")
        #expect(contents.tensors["blk.0.attn_v.weight.lora_b"]?.floats.first == 6 && contents.tensors["blk.1.ffn_down.weight.lora_b"]?.floats.first == 2)
    }

    @Test func aCheckpointWithoutAdaptersHasNoFileOfThem() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("none-\(UInt32.random(in: 0 ... .max)).gguf").path
        #expect(try !LlamaAdapterFile(tensors: SmallLlama()).write(to: path))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aTensorOfAnotherSizeLeavesNoFile() throws {
        var llama = SmallLlama()
        llama.configuration.hidden = 40
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let vocabulary = SmallLlama.vocabulary
        #expect(throws: ModelError.self) { try LlamaModelFile(tensors: MisdescribedLlama(configuration: llama.configuration), vocabulary: vocabulary, format: .f32, mergesAdapters: false).write(to: directory + "/a.gguf") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
    }

    private func written(_ llama: SmallLlama, format: GGUFTensorType, merging: Bool = false) throws -> GGUFContents {
        let vocabulary = SmallLlama.vocabulary
        return try read { path in
            try LlamaModelFile(tensors: llama, vocabulary: vocabulary, format: format, mergesAdapters: merging).write(to: path)
            return true
        }
    }

    private func read(_ write: (String) throws -> Bool) throws -> GGUFContents {
        let directory = try temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        #expect(try write(directory + "/a.gguf"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["a.gguf"])
        return GGUFContents([UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + "/a.gguf"))))
    }

    private func temporaryDirectory() throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-gguf-\(UInt64.random(in: 0 ... .max))").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
