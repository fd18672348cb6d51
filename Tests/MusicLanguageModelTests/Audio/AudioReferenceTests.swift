import Checkpoints
import Foundation
import Media
import MusicLanguageModel
import TensorKernels
import Testing

/// Beside the reference implementation's tensors; tolerances as the reference's page gives them.
@Suite(.enabled(if: TinyCheckpoint.isThere))
struct AudioReferenceTests {
    // Made where the checkpoint is there, which the suite asks for; a checkpoint that cannot be read leaves nothing to test.
    private static let configuration = try! AudioTowerConfiguration(json: Data(contentsOf: URL(fileURLWithPath: TinyCheckpoint.path + "/imagebind_config.json")))

    private static func recording(_ name: String) throws -> AudioVerification.Recording {
        let clip = try AudioDecoder().decode(path: TinyCheckpoint.path + "/audio/\(name).wav")
        return .init(name: name, channels: clip.channels, sampleRate: clip.sampleRate)
    }

    private static func tower(_ format: WeightFormat = .float32) throws -> AudioTower {
        try AudioTower(tensors: TorchArchive(path: TinyCheckpoint.path + "/imagebind_audio.pth"), configuration: configuration, format: format)
    }

    @Test func everyStageGivesWhatTheReferenceGives() throws {
        let verification = try AudioVerification(reference: SafetensorsArchive(path: TinyCheckpoint.path + "/ref/ref.safetensors"))
        #expect(verification.recordings == ["clip_44k_stereo", "overlap_22k_mono", "tiny_16k_mono"])
        let stages = try verification.stages(
            of: verification.recordings.map(Self.recording), tower: Self.tower(), adaptor: Adaptor(tensors: SafetensorsArchive(path: TinyCheckpoint.path + "/adaptor.safetensors")))
        for stage in stages { #expect(stage.passed, "\(stage)") }
        if ProcessInfo.processInfo.environment["MVFLEET_TEST_PRINT"] != nil { for stage in stages { print(stage.stage, stage.greatestDifference ?? -1, stage.referenceMaximum ?? -1) } }
        #expect(stages.map(\.stage) == [
            "audio.clip_44k_stereo.resampled", "audio.clip_44k_stereo.fbank", "audio.clip_44k_stereo.fbank_noinplace", "enc.tokens0", "enc.block0", "enc.block1",
            "enc.clip_44k_stereo.clips", "enc.clip_44k_stereo.pooled", "proj.seq", "proj.pooled",
            "audio.overlap_22k_mono.resampled", "audio.overlap_22k_mono.fbank", "audio.overlap_22k_mono.fbank_noinplace", "enc.overlap_22k_mono.clips", "enc.overlap_22k_mono.pooled",
            "audio.tiny_16k_mono.resampled", "audio.tiny_16k_mono.fbank", "audio.tiny_16k_mono.fbank_noinplace", "enc.tiny_16k_mono.clips", "enc.tiny_16k_mono.pooled",
        ])
    }

    @Test func aRecordingThatIsMissingFailsItsStages() throws {
        let verification = try AudioVerification(reference: SafetensorsArchive(path: TinyCheckpoint.path + "/ref/ref.safetensors"))
        let stages = try verification.stages(of: [Self.recording("tiny_16k_mono")], tower: Self.tower(), adaptor: nil)
        #expect(stages.filter { !$0.passed }.map(\.stage) == ["audio.clip_44k_stereo.fbank", "audio.overlap_22k_mono.fbank"])
    }

    @Test func anotherMeanModeIsFoundOut() throws {
        let recording = try Self.recording("overlap_22k_mono")
        let reference = try SafetensorsArchive(path: TinyCheckpoint.path + "/ref/ref.safetensors").tensor("audio.overlap_22k_mono.fbank").floats()
        let spectra = try AudioFrontEnd(Self.configuration, meanSubtraction: .eachClip).spectra(of: recording.channels, sampleRate: recording.sampleRate)
        #expect(!StageParity(stage: "fbank", of: spectra.values, with: reference, tolerance: .absolute(1e-3)).passed)
    }

    @Test func clipsStartAtTheReferencesSamples() throws {
        let text = try Data(contentsOf: URL(fileURLWithPath: TinyCheckpoint.path + "/ref/ref.json"))
        let json = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
        for name in ["clip_44k_stereo", "overlap_22k_mono", "tiny_16k_mono"] {
            let expected = try #require(json["audio." + name] as? [String: Any])
            let clips = try #require(expected["clips"] as? [[Double]])
            let plan = ClipPlan(sampleCount: try #require(expected["samples_16k"] as? Int), sampleRate: 16_000, clipSeconds: 2, clipCount: 3)
            #expect(plan.sampleRanges == clips.map { Int($0[2]) ..< Int($0[3]) })
            #expect(plan.startTimes == clips.map { $0[0] })
        }
    }

    @Test(arguments: [(WeightFormat.bfloat16, 0.02), (.int8, 0.04)])
    func smallerWeightsGiveNearlyTheSameVectors(format: WeightFormat, bound: Double) throws {
        let recording = try Self.recording("clip_44k_stereo")
        let reference = try SafetensorsArchive(path: TinyCheckpoint.path + "/ref/ref.safetensors").tensor("enc.clip_44k_stereo.clips").floats()
        let embedding = try AudioEmbedder(Self.tower(format)).embed(samples: recording.channels, sampleRate: recording.sampleRate)
        let parity = StageParity(stage: "clips", of: embedding.clips.flatMap { $0 }, with: reference, tolerance: .ofMaximum(bound))
        #expect(parity.passed, "\(parity)")
        #expect(embedding.provenance.weightFormat == format.rawValue)
    }
}
