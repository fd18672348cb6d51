import Fleet
import FleetModel
import Media

/// What a child is asked: the samples of a short file as they are, for comparisons with a reference.
struct SamplesRequest: Codable, Sendable {
    static let handler = "samples"

    var path: String

    /// An attachment a channel.
    private struct Answer: Codable { var sampleRate: Int }

    /// Two channels at 48 kHz for so long are 46 MB, which an answer holds.
    private static let mostSeconds = 120

    static let answering = ChildHandler(handler) { (request: SamplesRequest) in
        var limits = MediaLimits()
        limits.maximumDuration = .seconds(mostSeconds)
        do {
            let audio = try AudioDecoder().decode(path: request.path, limits: limits)
            return ChildMessage(json: try CanonicalJSON.encode(Answer(sampleRate: audio.sampleRate)), attachments: audio.channels.map { FloatBytes.bytes($0) })
        } catch let error as MediaError {
            throw FleetError(error)
        }
    }

    func samples(by children: ChildProcessPool, within limit: Duration) async throws -> (channels: [[Float]], sampleRate: Int) {
        let message = try await children.ask(Self.handler, self, about: path, within: limit)
        let channels = message.attachments.compactMap { FloatBytes.floats($0) }
        guard let answer = try? CanonicalJSON.decode(Answer.self, from: message.json), channels.count == message.attachments.count, !channels.isEmpty else {
            throw FleetError("child.garbled", "\(path): the decoding process gave no samples; the file is hostile, or this is a fault of the program")
        }
        return (channels, answer.sampleRate)
    }
}

extension MediaRequests {
    /// The samples of a file of at most two minutes, as they are.
    public func samples(_ path: String) async throws -> (channels: [[Float]], sampleRate: Int) {
        try await SamplesRequest(path: path).samples(by: children, within: timeLimit)
    }
}
