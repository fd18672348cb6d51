import Fleet
import FleetModel
import Media

/// What a child is asked: which hardware decoders work here, in the confinement in which they would be used.
struct HardwareProbe: Codable, Sendable {
    static let handler = "hardware"

    /// A short H.264 video, 4:2:0 of 8 bits, which every device takes.
    var path: String

    static let answering = ChildHandler(handler) { (request: HardwareProbe) in
        do {
            let findings = try HardwareDecoder.allCases.map { HardwareFinding(decoder: $0, problem: try request.problem(with: $0)) }
            return ChildMessage(json: try CanonicalJSON.encode(findings))
        } catch let error as MediaError {
            throw FleetError(error)
        }
    }

    private func problem(with decoder: HardwareDecoder) throws(MediaError) -> String? {
        let devices = HardwareDevices([decoder])
        if let absence = devices.absence(of: decoder) { return absence }
        var sampling = FrameSampling()
        sampling.intervalSeconds = 0.04
        sampling.count = 3
        sampling.includesFrameMD5 = true
        let expected = try VideoSampler(sampling: sampling).sample(path)
        let found = try VideoSampler(sampling: sampling, hardware: devices).sample(path)
        guard found.hardware == decoder else { return "the device opens, but does not decode H.264" }
        return found.frames.map(\.md5) == expected.frames.map(\.md5) ? nil : "the device decodes H.264, but not to the pictures that the standard asks for"
    }
}

/// What became of the attempt to decode on one kind of device.
public struct HardwareFinding: Codable, Sendable, Hashable {
    public var decoder: HardwareDecoder
    /// Why it is not of use here; nil where its pictures are those of software.
    public var problem: String?

    public init(decoder: HardwareDecoder, problem: String?) {
        self.decoder = decoder
        self.problem = problem
    }
}

extension MediaRequests {
    /// `mvfleet doctor`: tries each hardware decoder on a short video.
    ///
    /// - Parameter path: ``HardwareProbeVideo/bytes`` in a file.
    public func hardware(_ path: String) async throws -> [HardwareFinding] {
        let answer = try await children.ask(HardwareProbe.handler, HardwareProbe(path: path), about: "hardware decoders", within: timeLimit)
        return try CanonicalJSON.decode([HardwareFinding].self, from: answer.json)
    }
}
