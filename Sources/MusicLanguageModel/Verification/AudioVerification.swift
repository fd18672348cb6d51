import Checkpoints

/// Compares the way from samples to the language model's audio tokens with reference tensors, stage by stage.
///
/// The reference's names: of each recording `audio.NAME.resampled` (its first samples), `audio.NAME.fbank` and `audio.NAME.fbank_noinplace` (which is left out where it is
/// equal), `enc.NAME.clips` and `enc.NAME.pooled`; of ``tracedRecording`` `enc.tokens0`, `enc.block0` … (its first clip), `proj.seq` and `proj.pooled`.
public struct AudioVerification: Sendable {
    /// A recording that the reference was made of.
    public struct Recording: Sendable {
        public var name: String
        public var channels: [[Float]]
        public var sampleRate: Int

        /// - name: the file's, without its ending.
        public init(name: String, channels: [[Float]], sampleRate: Int) {
            self.name = name
            self.channels = channels
            self.sampleRate = sampleRate
        }
    }

    /// Whose first clip the reference follows through the tower.
    public static let tracedRecording = "clip_44k_stereo"
    /// Of full scale: two orders of summing some dozen products.
    private static let resampled = StageParity.Tolerance.absolute(1e-5)
    private static let filterBank = StageParity.Tolerance.absolute(1e-3)
    private static let encoder = StageParity.Tolerance.ofMaximum(1e-3)

    private let reference: any TensorArchive
    private let names: Set<String>

    public init(reference: any TensorArchive) {
        self.reference = reference
        names = Set(reference.names)
    }

    /// The recordings that the reference has something of: files of these names are needed. Sorted.
    public var recordings: [String] {
        let ending = ".fbank"
        return names.filter { $0.hasPrefix("audio.") && $0.hasSuffix(ending) }.map { String($0.dropFirst("audio.".count).dropLast(ending.count)) }.sorted()
    }

    /// All stages, in the order that sound takes. What the reference has and could not be compared has failed.
    public func stages(of recordings: [Recording], tower: AudioTower, adaptor: Adaptor?) -> [StageParity] {
        var stages: [StageParity] = []
        for name in self.recordings where !recordings.contains(where: { $0.name == name }) {
            stages.append(StageParity(stage: "audio.\(name).fbank", tolerance: Self.filterBank, failure: "there is no recording \(name)"))
        }
        for recording in recordings where self.recordings.contains(recording.name) { stages += self.stages(of: recording, tower: tower, adaptor: adaptor) }
        return stages
    }

    private func stages(of recording: Recording, tower: AudioTower, adaptor: Adaptor?) -> [StageParity] {
        let audio = "audio.\(recording.name).", encoder = "enc.\(recording.name)."
        let inPlace: ClipSpectra, eachClip: ClipSpectra
        do {
            inPlace = try AudioFrontEnd(tower.configuration, meanSubtraction: .inPlace).spectra(of: recording.channels, sampleRate: recording.sampleRate)
            eachClip = try AudioFrontEnd(tower.configuration, meanSubtraction: .eachClip).spectra(of: recording.channels, sampleRate: recording.sampleRate)
        } catch {
            return [StageParity(stage: audio + "fbank", tolerance: Self.filterBank, failure: error.message)]
        }
        var stages: [StageParity] = []
        if names.contains(audio + "resampled") { stages.append(compare(audio + "resampled", Self.resampled) { self.resampled(recording, as: $0, at: tower.configuration.sampleRate) }) }
        stages.append(compare(audio + "fbank", Self.filterBank) { _ in inPlace.values })
        let alone = audio + "fbank_noinplace"
        stages.append(compare(names.contains(alone) ? alone : audio + "fbank", as: alone, Self.filterBank) { _ in eachClip.values })
        if recording.name == Self.tracedRecording && names.contains("enc.tokens0") {
            let trace = tower.trace(inPlace)
            stages.append(compare("enc.tokens0", Self.encoder) { _ in trace.tokens })
            for (index, block) in trace.blocks.enumerated() { stages.append(compare("enc.block\(index)", Self.encoder) { _ in block }) }
        }
        let embedding = AudioEmbedder(tower).embed([.init(spectra: inPlace, inputSampleRate: recording.sampleRate)])[0]
        stages.append(compare(encoder + "clips", Self.encoder) { _ in embedding.clips.flatMap { $0 } })
        stages.append(compare(encoder + "pooled", Self.encoder) { _ in embedding.pooled })
        if recording.name == Self.tracedRecording, let adaptor {
            guard adaptor.inputs == tower.outputs else {
                return stages + [StageParity(stage: "proj.seq", tolerance: Self.encoder, failure: "the adaptor reads \(adaptor.inputs) numbers, the tower gives \(tower.outputs)")]
            }
            stages.append(compare("proj.seq", Self.encoder) { _ in adaptor.project(embedding, pooled: false).flatMap { $0 } })
            stages.append(compare("proj.pooled", Self.encoder) { _ in adaptor.project(embedding, pooled: true)[0] })
        }
        return stages
    }

    /// As many samples of each channel as the reference has of it.
    private func resampled(_ recording: Recording, as shape: [Int], at rate: Int) -> [Float] {
        let resampler = SincResampler(from: recording.sampleRate, to: rate)
        return recording.channels.flatMap { channel in
            resampler.resample(channel, outputs: 0 ..< min(shape.last ?? 0, resampler.outputCount(inputCount: channel.count)))
        }
    }

    /// - values: given the reference's shape.
    private func compare(_ name: String, as stage: String? = nil, _ tolerance: StageParity.Tolerance, values: ([Int]) -> [Float]) -> StageParity {
        do {
            let tensor = try reference.tensor(name)
            return StageParity(stage: stage ?? name, of: values(tensor.shape), with: try tensor.floats(), tolerance: tolerance)
        } catch {
            return StageParity(stage: stage ?? name, tolerance: tolerance, failure: error.message)
        }
    }
}
