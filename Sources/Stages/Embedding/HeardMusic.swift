import Fleet
import FleetModel
import Media
import MusicLanguageModel

/// What the audio tower is to see of a recording.
public struct HeardMusic: Sendable {
    public var spectra: ClipSpectra
    /// Whether the recording goes on behind what was listened to.
    public var isTruncated: Bool

    public init(spectra: ClipSpectra, isTruncated: Bool) {
        self.spectra = spectra
        self.isTruncated = isTruncated
    }
}

/// What a child is asked: decode one audio file, and work out what the audio tower is to see of it. Three clips' spectra are a third of a megabyte; the samples of half a
/// minute would be thirty times as much.
struct HeardMusicRequest: Codable, Sendable {
    static let handler = "heard-music"

    /// Of the tower's configuration, what the way there depends on.
    struct FrontEnd: Codable, Sendable {
        var sampleRate, clipSeconds, clipCount, melBins, frames: Int
        var mean, deviation: Float

        init(_ configuration: AudioTowerConfiguration) {
            (sampleRate, clipSeconds, clipCount) = (configuration.sampleRate, configuration.clipSeconds, configuration.clipCount)
            (melBins, frames, mean, deviation) = (configuration.melBins, configuration.frames, configuration.mean, configuration.deviation)
        }

        var configuration: AudioTowerConfiguration {
            var configuration = AudioTowerConfiguration()
            (configuration.sampleRate, configuration.clipSeconds, configuration.clipCount) = (sampleRate, clipSeconds, clipCount)
            (configuration.melBins, configuration.frames, configuration.mean, configuration.deviation) = (melBins, frames, mean, deviation)
            return configuration
        }
    }

    var path: String
    /// The digest that was ingested; nil where nothing was.
    var sha256: Digest?
    var frontEnd: FrontEnd
    var mean: MeanSubtraction
    var maximumSeconds: Double

    /// The attachment holds the spectra.
    private struct Answer: Codable {
        /// Of what was listened to, at the tower's sample rate.
        var sampleCount: Int
        var isTruncated: Bool
    }

    /// Samples of an hour at the highest rate: more is a child's lie.
    private static let mostSamples = 1 << 30

    static let answering = ChildHandler(handler) { (request: HeardMusicRequest) in
        try MediaSource.verify(request.path, is: request.sha256)
        var limits = MediaLimits()
        limits.maximumDuration = .seconds(request.maximumSeconds)
        do {
            let audio = try AudioDecoder().decode(path: request.path, limits: limits)
            let configuration = request.frontEnd.configuration
            let spectra = try AudioFrontEnd(configuration, meanSubtraction: request.mean).spectra(of: audio.channels, sampleRate: audio.sampleRate)
            let count = SincResampler(from: audio.sampleRate, to: configuration.sampleRate).outputCount(inputCount: audio.channels.first?.count ?? 0)
            return ChildMessage(json: try CanonicalJSON.encode(Answer(sampleCount: count, isTruncated: audio.isTruncated)), attachments: [FloatBytes.bytes(spectra.values)])
        } catch let error as MediaError {
            throw FleetError(error)
        } catch let error as ModelError {
            throw FleetError(error)
        }
    }

    /// - Throws: the child's own error, or `child.garbled` for an answer that is no spectra.
    func heard(by children: ChildProcessPool, within limit: Duration) async throws -> HeardMusic {
        let message = try await children.ask(Self.handler, self, about: path, within: limit)
        let configuration = frontEnd.configuration
        guard let answer = try? CanonicalJSON.decode(Answer.self, from: message.json), (0..<Self.mostSamples).contains(answer.sampleCount),
              message.attachments.count == 1, let values = FloatBytes.floats(message.attachments[0]) else { throw garbled() }
        let plan = ClipPlan(sampleCount: answer.sampleCount, sampleRate: configuration.sampleRate, clipSeconds: configuration.clipSeconds, clipCount: configuration.clipCount)
        do {
            return HeardMusic(spectra: try ClipSpectra(plan: plan, configuration: configuration, values: values), isTruncated: answer.isTruncated)
        } catch {
            throw garbled(error)
        }
    }

    private func garbled(_ cause: (any Error)? = nil) -> FleetError {
        FleetError("child.garbled", "\(path): the decoding process gave no spectra; the file is hostile, or this is a fault of the program", cause: cause)
    }
}

extension MediaRequests {
    /// What the audio tower is to see of a file's sound.
    public func music(_ path: String, sha256: Digest? = nil, _ settings: EmbeddingSettings, _ configuration: AudioTowerConfiguration) async throws -> HeardMusic {
        try await HeardMusicRequest(path: path, sha256: sha256, frontEnd: .init(configuration), mean: settings.mean, maximumSeconds: settings.maximumSeconds)
            .heard(by: children, within: timeLimit)
    }
}
