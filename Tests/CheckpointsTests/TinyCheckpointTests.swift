import Checkpoints
import Testing

@Suite(.enabled(if: TinyCheckpoint.isThere, "shared/data/model/tiny_a is not there")) struct TinyCheckpointTests {
    @Test func readsTheAudioTowerAsTorchWroteIt() throws {
        let tower = try TensorFiles.open(TinyCheckpoint.path + "/imagebind_audio.pth")
        #expect(tower.names.count == 37)
        let position = try tower.tensor("modality_preprocessors.audio.pos_embedding_helper.pos_embed")
        #expect(position.shape == [1, 229, 96] && position.elementType == .float32)
        #expect(try position.floats().allSatisfy(\.isFinite))
        let scale = try tower.tensor("modality_postprocessors.audio.1.log_logit_scale")
        #expect(scale.shape == [])
        #expect(abs(try scale.floats()[0] - 2.9957323) < 1e-6)
    }

    @Test func theDeltaHoldsTheSeparateFilesInHalfPrecision() throws {
        let delta = try TensorFiles.open(TinyCheckpoint.path + "/delta/pytorch_model.pt")
        let adapter = try TensorFiles.open(TinyCheckpoint.path + "/lora/adapter_model.safetensors")
        let adaptor = try TensorFiles.open(TinyCheckpoint.path + "/adaptor.safetensors")
        #expect(delta.names.count == 36)
        for name in adaptor.names { try expectHalf(of: adaptor.tensor(name), delta.tensor(name)) }
        for name in adapter.names {
            let inDelta = "llama_model." + name.replacing(".weight", with: ".default.weight")
            try expectHalf(of: adapter.tensor(name), delta.tensor(inDelta))
        }
    }

    @Test func readsRowsOfAMatrix() throws {
        let embeddings = try TensorFiles.open(TinyCheckpoint.path + "/llama").tensor("model.embed_tokens.weight")
        let all = try embeddings.floats()
        #expect(try embeddings.rows(699 ..< 700) == Array(all[(699 * 256)...]))
        #expect(throws: CheckpointError.self) { try embeddings.rows(699 ..< 701) }
    }

    @Test func readsOneTensorAlone() throws {
        let embeds = try TensorFiles.open(TinyCheckpoint.path + "/ref/prompt_embeds_f16.pt")
        let reference = try TensorFiles.open(TinyCheckpoint.path + "/ref/ref.safetensors").tensor("lm.inputs_embeds")
        #expect(embeds.names == [TorchArchive.soleName])
        let tensor = try embeds.tensor(TorchArchive.soleName)
        #expect(tensor.shape == reference.shape && tensor.elementType == .float16)
        try expectHalf(of: reference, tensor)
    }

    private func expectHalf(of single: StoredTensor, _ half: StoredTensor) throws {
        #expect(half.shape == single.shape && half.elementType == .float16, "\(half.name)")
        // Half precision keeps 11 bits; below 6e-5 it keeps steps of 6e-8.
        let pairs = zip(try single.floats(), try half.floats())
        #expect(pairs.allSatisfy { abs($0 - $1) <= max(abs($0) / 2_048, 3e-8) }, "\(half.name)")
    }
}
