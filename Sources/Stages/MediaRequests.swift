import Fleet
import FleetModel
import MusicAnalysis
import VisualAnalysis

/// Questions about single media files, asked of child processes: what stages and the commands for single files share.
public struct MediaRequests: Sendable {
    /// What a video's sampling gives.
    public struct Sample: Sendable {
        /// The visual report as JSON.
        public var json: String
        /// One JPEG per sampled frame, in order.
        public var jpegs: [[UInt8]]
        /// All of them in one JPEG, five a row, when asked for and where there are any.
        public var contactSheet: [UInt8]?
    }

    /// What the analysis of a file's audio gives.
    public struct Analysis: Sendable {
        /// The audio report as JSON.
        public var json: String
        /// An SVG picture, when asked for.
        public var plot: String?
    }

    let children: ChildProcessPool
    let timeLimit: Duration

    public init(children: ChildProcessPool, timeLimit: Duration = .seconds(120)) {
        self.children = children
        self.timeLimit = timeLimit
    }

    /// `mvfleet sample`. Where frames are aligned to downbeats, those are the video's own sound's.
    public func sample(_ path: String, clip: String, settings: FramesSettings = FramesSettings(), extras: FramesExtras = FramesExtras()) async throws -> Sample {
        var request = FramesRequest(path: path, clip: clip, settings: settings, extras: extras)
        if settings.align == .downbeats {
            request.downbeats = try await AudioReport.orUnavailable { try await self.audio(AudioRequest(path: path, clip: clip, settings: AudioStage.defaultSettings)) }.features.downbeats
        }
        let answer = try await children.ask(FramesRequest.handler, request, about: path, within: timeLimit)
        let pictures = request.split(answer.attachments)
        return Sample(json: answer.json, jpegs: pictures.jpegs, contactSheet: pictures.contactSheet)
    }

    /// `mvfleet analyze`: the audio report as JSON, and an SVG picture of it where one is asked for.
    ///
    /// - Parameters:
    ///   - start: seconds from the first sample, not negative.
    ///   - duration: seconds from there on, 1 to ``AudioSettings/longest``, which nil stands for.
    ///   - includesVoice: whether the report has eGeMAPS' descriptors.
    public func analyze(_ path: String, clip: String, start: Double = 0, duration: Double? = nil, includesVoice: Bool = false, includesPlot: Bool = false) async throws -> Analysis {
        var settings = AudioStage.defaultSettings
        settings.maximumSeconds = duration ?? AudioSettings.longest
        settings.includesVoice = includesVoice
        let request = AudioRequest(path: path, clip: clip, settings: settings, includesPlot: includesPlot, start: start)
        let answer = try await children.ask(AudioRequest.handler, request, about: path, within: settings.timeLimit)
        return Analysis(json: try CanonicalJSON.encode(try CanonicalJSON.decode(AudioReport.self, from: answer.json)),
                        plot: answer.attachments.first.map { String(decoding: $0, as: UTF8.self) })
    }

    func frames(_ request: FramesRequest) async throws -> FrameSamples {
        let answer = try await children.ask(FramesRequest.handler, request, about: request.path, within: timeLimit)
        let pictures = request.split(answer.attachments)
        return FrameSamples(report: try CanonicalJSON.decode(VisualReport.self, from: answer.json), jpegs: pictures.jpegs, contactSheet: pictures.contactSheet)
    }

    func audio(_ request: AudioRequest) async throws -> AudioReport {
        let answer = try await children.ask(AudioRequest.handler, request, about: request.path, within: timeLimit)
        return try CanonicalJSON.decode(AudioReport.self, from: answer.json)
    }
}
