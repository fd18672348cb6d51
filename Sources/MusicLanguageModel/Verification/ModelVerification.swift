import TensorKernels

/// Holds a model's directory against the reference that lies in it (`ref/ref.safetensors`, `ref/ref.json`), stage by stage from samples to tokens.
public struct ModelVerification: Sendable {
    private let directory: ModelDirectory
    private let reference: ReferenceTensors

    /// - Throws: `ModelError.checkpoint` when there is no reference, or it cannot be read.
    public init(_ directory: ModelDirectory) throws(ModelError) {
        self.directory = directory
        reference = try ReferenceTensors(directory)
    }

    /// The recordings that the reference was made of, by name; a path where the file lies beside it.
    public var recordings: [(name: String, path: String?)] { AudioVerification(reference: reference.tensors).recordings.map { ($0, reference.recordings[$0]) } }

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
            stages += AudioVerification(reference: reference.tensors).stages(of: recordings, tower: tower, adaptor: adaptor)
            return try recordings.first { $0.name == AudioVerification.tracedRecording }.map { recording in
                let embedding = try AudioEmbedder(tower).embed(samples: recording.channels, sampleRate: recording.sampleRate)
                return (clips: adaptor.project(embedding, pooled: false), pooled: adaptor.project(embedding, pooled: true)[0])
            }
        } ?? nil
        let verification = LanguageModelVerification(reference)
        _ = part("language model", into: &stages) { stages in
            let tokenizer = try directory.loadTokenizer()
            stages += verification.stages(of: tokenizer)
            let tensors = try directory.loadLanguageModelTensors()
            for use in tensors.adapterOrigin == nil ? [AdapterUse.merged] : [.applied, .merged] {
                let model = try LlamaModel(tensors, format: format, adapters: use)
                stages += verification.stages(of: model, tokenizer: tokenizer, music: music).map { stage in
                    var stage = stage
                    if use == .merged, tensors.adapterOrigin != nil { stage.stage += " (merged)" }
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
