import Fleet
import FleetModel
import Media
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

    init(settings: FramesSettings, environment: StageEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    func input(of task: StageTask) throws -> Input {
        guard let video = task.clip.video else {
            throw FleetError(.sourceMissing, task.clip.missing["video"].map { "clip '\(task.clip.id)' has no video: \($0); put it there and ingest again, or take the clip out" }
                ?? "clip '\(task.clip.id)' has no video: the catalogue names none; add one, or take the clip out")
        }
        return Input(request: FramesRequest(path: video.path, sha256: video.sha256, clip: "", settings: settings))
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
                outcomes.append(.completed(FramesOutput(report: sample.report, blobs: try sample.jpegs.map { try environment.blobs.put($0) })))
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

    package init(report: VisualReport, blobs: [Digest]) {
        self.report = report
        self.blobs = blobs
    }
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
    var extras = FramesExtras()

    static let answering = ChildHandler(handler) { (request: FramesRequest) in
        try MediaSource.verify(request.path, is: request.sha256)
        do {
            var settings = request.settings.sampling
            settings.sampling.includesContactSheet = request.extras.includesContactSheet
            settings.sampling.includesFrameMD5 = request.extras.includesFrameMD5
            // The contact sheet, where there is one, comes behind the frames.
            if request.extras.isFramesOnly {
                let video = try VideoSampler(sampling: settings.sampling, limits: settings.limits).sample(request.path)
                let report = FramesOnlyReport(clip: request.clip, video: video)
                return ChildMessage(json: try CanonicalJSON.encode(report), attachments: video.frames.map(\.jpeg) + [video.contactSheet].compactMap(\.self))
            }
            let sample = try sampleFrames(path: request.path, clip: request.clip, settings: settings)
            return ChildMessage(json: try CanonicalJSON.encode(sample.report), attachments: sample.jpegs + [sample.contactSheet].compactMap(\.self))
        } catch let error as MediaError {
            throw FleetError(error)
        }
    }
}
