import Checkpoints
import MusicLanguageModel
import TensorKernels
import Testing

struct AudioTowerTests {
    private static func spectra(_ tower: TinyTower, seconds: Int, seed: UInt64) throws -> ClipSpectra {
        var noise = Noise(seed)
        return try AudioFrontEnd(tower.configuration).spectra(of: [noise.values(seconds * 16_000)], sampleRate: 16_000)
    }

    @Test func aClipBecomesWhatTheDefinitionGives() throws {
        let tiny = TinyTower(), tower = try AudioTower(tensors: tiny.archive, configuration: tiny.configuration), spectra = try Self.spectra(tiny, seconds: 7, seed: 1)
        #expect(tower.width == 36 && tower.blockCount == 2 && tower.tokenCount == tiny.tokens && tower.outputs == 10)
        let embeddings = tower.embed([spectra])[0]
        for clip in 0 ..< 3 {
            let expected = tiny.definition(Array(spectra.values[clip * 24 * 52 ..< (clip + 1) * 24 * 52]))
            let parity = StageParity(stage: "clip \(clip)", of: embeddings[clip], with: expected.embedding.map(Float.init), tolerance: .ofMaximum(1e-5))
            #expect(parity.passed, "\(parity)")
            guard clip == 0 else { continue }
            let trace = tower.trace(spectra)
            for (layer, values) in ([trace.tokens] + trace.blocks).enumerated() {
                let parity = StageParity(stage: "layer \(layer)", of: values, with: expected.layers[layer].flatMap { $0 }.map(Float.init), tolerance: .ofMaximum(1e-5))
                #expect(parity.passed, "\(parity)")
            }
        }
    }

    @Test(arguments: [1, 2, 5], [WeightFormat.float32, .bfloat16, .int8])
    func recordingsTogetherGiveToTheBitWhatEachGivesAlone(threads: Int, format: WeightFormat) throws {
        let tiny = TinyTower(prefix: "visual_encoder."), tower = try AudioTower(tensors: tiny.archive, configuration: tiny.configuration, format: format)
        let recordings = try (0 ..< 7).map { try Self.spectra(tiny, seconds: 2 + $0, seed: UInt64($0)) }
        let together = tower.embed(recordings, threads: threads)
        #expect(together.map(\.count) == [3, 3, 3, 3, 3, 3, 3])
        for (index, recording) in recordings.enumerated() {
            #expect(together[index] == tower.embed([recording])[0])
        }
        #expect(tower.embed([], threads: threads).isEmpty)
    }

    @Test func anEmbeddingTellsWhatWasHeard() throws {
        let tiny = TinyTower()
        var noise = Noise(5)
        let embedder = try AudioEmbedder(tower: tiny.archive, configuration: tiny.configuration, meanSubtraction: .eachClip)
        let embedding = try embedder.embed(samples: [noise.values(8 * 22_050)], sampleRate: 22_050)
        #expect(embedding.provenance == .init(inputSampleRate: 22_050, sampleRate: 16_000, clipStarts: [0, 3, 6], clipSeconds: 2, meanSubtraction: .eachClip, weightFormat: "f32"))
        for index in 0 ..< 10 { #expect(abs(embedding.pooled[index] - (embedding.clips[0][index] + embedding.clips[1][index] + embedding.clips[2][index]) / 3) < 1e-5) }
        let length = embedding.clips[0].reduce(0) { $0 + $1 * $1 }.squareRoot()
        #expect(abs(length - 20.0855) < 1e-3)
    }

    @Test func aScaleIsBounded() throws {
        var tiny = TinyTower()
        tiny.archive.tensors["modality_postprocessors.audio.1.log_logit_scale"]!.values = [6]
        let clip = try AudioTower(tensors: tiny.archive, configuration: tiny.configuration).embed([Self.spectra(tiny, seconds: 2, seed: 1)])[0][0]
        #expect(abs(clip.reduce(0) { $0 + $1 * $1 }.squareRoot() - 100) < 1e-2)
    }

    @Test func everyTensorThatIsMissingOrOfAnotherShapeIsNamed() throws {
        let tiny = TinyTower()
        for name in tiny.archive.names where name.contains("audio") {
            var less = tiny.archive
            less.tensors[name] = nil
            let missing = #expect(throws: ModelError.self) { try AudioTower(tensors: less, configuration: tiny.configuration) }
            #expect(missing?.message.contains(name) == true, "\(missing?.message ?? "")")
            guard name != "modality_heads.audio.2.weight" else { continue }
            var other = tiny.archive
            other.tensors[name]!.shape.append(1)
            let error = #expect(throws: ModelError.self) { try AudioTower(tensors: other, configuration: tiny.configuration) }
            #expect(error?.code == .checkpoint && error?.message.contains(name) == true, "\(error?.message ?? "")")
        }
    }

    @Test func aConfigurationThatDoesNotFitIsRefused() throws {
        let tiny = TinyTower()
        func refusal(_ change: (inout AudioTowerConfiguration) -> Void) -> String {
            var configuration = tiny.configuration
            change(&configuration)
            do { _ = try AudioTower(tensors: tiny.archive, configuration: configuration) } catch { return error.message }
            return "none"
        }
        #expect(refusal { $0.heads = 5 }.contains("audio_num_heads"))
        #expect(refusal { $0.heads = nil }.contains("audio_num_heads"))
        #expect(refusal { $0.melBins = 8 }.contains("patches"))
        #expect(refusal { $0.frames = 100 }.contains("pos_embed"))
        #expect(refusal { $0.clipCount = 0 }.contains("clips_per_video"))
    }
}

struct AdaptorTests {
    private static func archive(_ prefix: String = "") -> InMemoryArchive {
        InMemoryArchive(tensors: [prefix + "llama_proj.weight": ([2, 3], [1, 2, 3, 4, 5, 6]), prefix + "llama_proj.bias": ([2], [10, 20]), "llama_model.lm_head.weight": ([1], [0])])
    }

    @Test(arguments: ["", "module."])
    func vectorsAreProjectedWithTheBias(prefix: String) throws {
        let adaptor = try Adaptor(tensors: Self.archive(prefix))
        #expect(adaptor.inputs == 3 && adaptor.outputs == 2)
        #expect(adaptor.project([[1, 0, 0], [1, 1, 1]]) == [[11, 24], [16, 35]])
        #expect(adaptor.project([]).isEmpty)
    }

    @Test func aRecordingBecomesOneTokenOrOneAClip() throws {
        let embedding = AudioEmbedding(
            clips: [[1, 0, 0], [0, 1, 0]], pooled: [0.5, 0.5, 0],
            provenance: .init(inputSampleRate: 1, sampleRate: 1, clipStarts: [], clipSeconds: 2, meanSubtraction: .inPlace, weightFormat: "f32"))
        #expect(try Adaptor(tensors: Self.archive()).project(embedding, pooled: true) == [[11.5, 24.5]])
        #expect(try Adaptor(tensors: Self.archive()).project(embedding, pooled: false) == [[11, 24], [12, 25]])
    }

    @Test func whatIsNoLinearLayerIsRefused() {
        var archive = Self.archive()
        archive.tensors["llama_proj.bias"]!.shape = [3]
        #expect(throws: ModelError.self) { try Adaptor(tensors: archive) }
        archive.tensors["llama_proj.bias"] = nil
        #expect(throws: ModelError.self) { try Adaptor(tensors: archive) }
        archive.tensors["llama_proj.weight"] = nil
        #expect(throws: ModelError.self) { try Adaptor(tensors: archive) }
    }
}
