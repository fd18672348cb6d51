import Checkpoints
import Foundation
import TensorKernels

/// Holds a model's directory against the reference that lies in it (`ref/ref.safetensors`, `ref/ref.json`), stage by stage from samples to tokens.
public struct ModelVerification: Sendable {
    private let directory: ModelDirectory
    private let reference: any TensorArchive
    private let answers: ReferenceAnswers?

    /// - Throws: `ModelError.checkpoint` when there is no reference, or it cannot be read.
    public init(_ directory: ModelDirectory) throws(ModelError) {
        guard let path = directory.reference else {
            throw ModelError(code: .checkpoint, message: "\(directory.path) has no reference to compare with: put ref.safetensors (and ref.json) in \(directory.path)/ref")
        }
        self.directory = directory
        reference = try ModelDirectory.open(path + "/ref.safetensors")
        let json = path + "/ref.json"
        do { answers = FileManager.default.fileExists(atPath: json) ? try JSONDecoder().decode(ReferenceAnswers.self, from: Data(contentsOf: URL(fileURLWithPath: json))) : nil } catch {
            throw ModelError(code: .checkpoint, message: "\(json) cannot be read as a reference's answers: \(error)", cause: error)
        }
    }

    /// Names (without endings) of the recordings that the reference was made of.
    public var recordings: [String] { AudioVerification(reference: reference).recordings }

    /// All stages. A part of the model that is missing has one stage of its name, which failed.
    ///
    /// - Parameters:
    ///   - recordings: decoded; those that the reference has and are not given have failed.
    ///   - format: of the language model's and the tower's weights; the tolerances are for single precision.
    public func stages(recordings: [AudioVerification.Recording], format: WeightFormat = .float32) -> [StageParity] {
        var stages: [StageParity] = []
        let music = part("audio tower", into: &stages) { stages in
            let (tensors, configuration) = try directory.openAudioTower()
            let tower = try AudioTower(tensors: tensors, configuration: configuration, format: format), adaptor = try directory.loadAdaptor()
            stages += AudioVerification(reference: reference).stages(of: recordings, tower: tower, adaptor: adaptor)
            return try recordings.first { $0.name == AudioVerification.tracedRecording }.map { recording in
                let embedding = try AudioEmbedder(tower).embed(samples: recording.channels, sampleRate: recording.sampleRate)
                return (clips: adaptor.project(embedding, pooled: false), pooled: adaptor.project(embedding, pooled: true)[0])
            }
        } ?? nil
        guard let answers else { return stages }
        let verification = LanguageModelVerification(reference: reference, answers: answers)
        _ = part("language model", into: &stages) { stages in
            let tokenizer = try directory.loadTokenizer()
            stages += verification.stages(of: tokenizer)
            let tensors = try directory.loadLanguageModelTensors()
            for use in tensors.adapterOrigin == nil ? [AdapterUse.none] : [.applied, .merged] {
                let model = try LlamaModel(tensors, format: format, adapters: use)
                stages += verification.stages(of: model, tokenizer: tokenizer, music: music).map { stage in
                    var stage = stage
                    if use == .merged { stage.stage += " (merged)" }
                    return stage
                }
            }
        }
        return stages
    }

    private func part<Result>(_ name: String, into stages: inout [StageParity], _ body: (inout [StageParity]) throws -> Result) -> Result? {
        do { return try body(&stages) } catch {
            stages.append(StageParity(stage: name, tolerance: .equal, failure: (error as? ModelError)?.message ?? "\(error)"))
            return nil
        }
    }
}
