import Fleet
import FleetModel
import Media
import MusicAnalysis
import VisualAnalysis

/// Fifteen frames at two-second spacing, visual features, cuts, and the static-image verdict (the paper, §2.1.1 and §2.1.3).
/// A clip whose video is a static image is filtered.
struct FramesStage: Stage {
    struct Input: Sendable {
        var request: FramesRequest
    }

    static let descriptor = StageDescriptor(name: "frames", version: 2, reads: [.video], slots: 2, batch: 1, timeLimit: .seconds(120),
                                            isIsolated: true)
    static let defaultSettings = FramesSettings()

    private let settings: FramesSettings
    private let environment: StageEnvironment

    /// Frames on downbeats need to know where those are.
    static func requires(with settings: FramesSettings) -> [StageName] { settings.align == .downbeats ? [AudioStage.descriptor.name] : [] }

    init(settings: FramesSettings, environment: StageEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    func input(of task: StageTask) throws -> Input {
        guard let video = task.clip.video else {
            throw FleetError(.sourceMissing, task.clip.missing["video"].map { "clip '\(task.clip.id)' has no video: \($0); put it there and ingest again, or take the clip out" }
                ?? "clip '\(task.clip.id)' has no video: the catalogue names none; add one, or take the clip out")
        }
        var request = FramesRequest(path: video.path, sha256: video.sha256, clip: "", settings: settings)
        if settings.align == .downbeats { request.downbeats = try task.upstream(AudioStage.descriptor.name, as: AudioReport.self).features.downbeats }
        return Input(request: request)
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<FramesOutput>] {
        var outcomes: [Outcome<FramesOutput>] = []
        for input in inputs {
            do {
                let sample = try await MediaRequests(children: environment.children, timeLimit: context.timeLimit).frames(input.request)
                guard !(settings.filtersStatic && sample.report.isStatic) else {
                    outcomes.append(.filtered(reason: "static image: \(sample.report.staticKind.rawValue)"))
                    continue
                }
                outcomes.append(.completed(FramesOutput(report: sample.report, blobs: try sample.jpegs.map { try environment.blobs.put($0) },
                                                        contactSheet: try sample.contactSheet.map { try environment.blobs.put($0) })))
            } catch {
                outcomes.append(.failed(error as? FleetError ?? FleetError(.internal, "\(input.request.path) was not sampled", cause: error, isRetriable: true)))
            }
        }
        return outcomes
    }
}

/// What the `frames` stage stores.
package struct FramesOutput: Codable, Sendable {
    package var report: VisualReport
    /// The JPEG of each of the report's frames, in the blob store.
    package var blobs: [Digest]
    /// All of them in one JPEG, where the recipe asks for it.
    package var contactSheet: Digest?

    package init(report: VisualReport, blobs: [Digest], contactSheet: Digest? = nil) {
        self.report = report
        self.blobs = blobs
        self.contactSheet = contactSheet
    }

    enum CodingKeys: String, CodingKey { case report, blobs, contactSheet = "contact_sheet" }
}

/// What a child is asked: sample one video.
struct FramesRequest: Codable, Sendable {
    static let handler = "frames"

    var path: String
    /// The digest that was ingested; nil where nothing was.
    var sha256: Digest?
    /// The name that the report carries. Results are shared by all clips of the same bytes, and carry none.
    var clip: String
    var settings: FramesSettings
    /// Seconds of the music's downbeats, where the settings align frames to them.
    var downbeats: [Double] = []
    var extras = FramesExtras()

    /// Behind the frames comes the contact sheet. It is made of them: without any there is none.
    func split(_ attachments: [[UInt8]]) -> (jpegs: [[UInt8]], contactSheet: [UInt8]?) {
        guard settings.contactSheet || extras.includesContactSheet, let last = attachments.last else { return (attachments, nil) }
        return (attachments.dropLast(), last)
    }

    /// - Parameter hardware: what may decode in place of the child.
    static func answering(with hardware: HardwareDevices?) -> ChildHandler {
        ChildHandler(handler) { (request: FramesRequest) in
            try MediaSource.verify(request.path, is: request.sha256)
            do {
                return try request.answer(hardware)
            } catch let error as MediaError {
                throw FleetError(error)
            }
        }
    }

    private func answer(_ hardware: HardwareDevices?) throws -> ChildMessage {
        var settings = settings.sampling(downbeats: downbeats)
        if extras.includesContactSheet { settings.sampling.includesContactSheet = true }
        settings.sampling.includesFrameMD5 = extras.includesFrameMD5
        if extras.isFramesOnly {
            let video = try sampleFramesOnly(path: path, settings: settings, hardware: hardware)
            let report = FramesOnlyReport(clip: clip, video: video)
            return ChildMessage(json: try CanonicalJSON.encode(report), attachments: video.frames.map(\.jpeg) + [video.contactSheet].compactMap(\.self))
        }
        let sample = try sampleFrames(path: path, clip: clip, settings: settings, hardware: hardware)
        return ChildMessage(json: try CanonicalJSON.encode(sample.report), attachments: sample.jpegs + [sample.contactSheet].compactMap(\.self))
    }
}
