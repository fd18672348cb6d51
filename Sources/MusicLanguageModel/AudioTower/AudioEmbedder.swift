import Checkpoints
import TensorKernels

/// The whole way from samples to the audio tower's vectors.
public struct AudioEmbedder: Sendable {
    public let frontEnd: AudioFrontEnd
    public let tower: AudioTower

    /// - Parameters:
    ///   - tower: its tensors, named as in `imagebind_huge.pth`.
    ///   - format: of the blocks' weights in memory.
    /// - Throws: `ModelError.checkpoint` for a tensor that is missing or does not fit, or a configuration whose values are out of range.
    public init(
        tower: any TensorArchive, configuration: AudioTowerConfiguration = .init(), format: WeightFormat = .float32, meanSubtraction: MeanSubtraction = .inPlace
    ) throws(ModelError) {
        self.init(try AudioTower(tensors: tower, configuration: configuration, format: format), meanSubtraction: meanSubtraction)
    }

    /// Before a tower that is loaded already.
    public init(_ tower: AudioTower, meanSubtraction: MeanSubtraction = .inPlace) {
        self.tower = tower
        frontEnd = AudioFrontEnd(checked: tower.configuration, meanSubtraction: meanSubtraction)
    }

    /// Numbers of a vector.
    public var outputs: Int { tower.outputs }

    /// A recording: what of it is worked out before the tower, so that one thread may do this for the next recordings while the tower has these.
    public struct Heard: Sendable {
        public let spectra: ClipSpectra
        public let inputSampleRate: Int
    }

    /// Resampled, cut into clips, their spectra.
    ///
    /// - Parameters: as ``AudioFrontEnd/spectra(of:sampleRate:)``, whose errors it throws.
    public func hear(samples channels: [[Float]], sampleRate: Int) throws(ModelError) -> Heard {
        Heard(spectra: try frontEnd.spectra(of: channels, sampleRate: sampleRate), inputSampleRate: sampleRate)
    }

    /// The vectors of some recordings, in order, their clips together in the tower.
    public func embed(_ recordings: [Heard], threads: Int = 1) -> [AudioEmbedding] {
        zip(recordings, tower.embed(recordings.map(\.spectra), threads: threads)).map { recording, clips in
            let plan = recording.spectra.plan
            return AudioEmbedding(
                clips: clips, pooled: Self.mean(clips),
                provenance: .init(
                    inputSampleRate: recording.inputSampleRate, sampleRate: plan.sampleRate, clipStarts: plan.startTimes,
                    clipSeconds: Double(plan.sampleRanges.map(\.count).max() ?? 0) / Double(plan.sampleRate), meanSubtraction: frontEnd.meanSubtraction,
                    weightFormat: tower.format.rawValue))
        }
    }

    /// The vectors of one recording.
    ///
    /// - Parameters: as ``AudioFrontEnd/spectra(of:sampleRate:)``, whose errors it throws.
    public func embed(samples channels: [[Float]], sampleRate: Int, threads: Int = 1) throws(ModelError) -> AudioEmbedding {
        embed([try hear(samples: channels, sampleRate: sampleRate)], threads: threads)[0]
    }

    private static func mean(_ clips: [[Float]]) -> [Float] {
        guard let first = clips.first else { return [] }
        return first.indices.map { index in clips.reduce(0) { $0 + $1[index] } / Float(clips.count) }
    }
}
