import Fleet
import FleetModel
import Media

/// Tempo, beats, downbeats, key, chords, loudness and more (the paper: madmom, after LLark's method).
/// A video without sound is a normal thing: its description says nothing of music.
struct AudioStage: Stage {
    struct Input: Sendable {
        var request: AudioRequest
    }

    static let descriptor = StageDescriptor(name: "audio", version: 3, reads: [.audio], slots: 2, batch: 1, timeLimit: .seconds(360),
                                            isIsolated: true)
    static let defaultSettings = AudioSettings()

    private let settings: AudioSettings
    private let environment: StageEnvironment

    init(settings: AudioSettings, environment: StageEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    func input(of task: StageTask) throws -> Input {
        guard let audio = task.clip.audio else {
            throw FleetError(.sourceMissing, task.clip.missing["audio"].map { "clip '\(task.clip.id)' has no audio: \($0); put it there and ingest again, or take the clip out" }
                ?? "clip '\(task.clip.id)' has no audio: the catalogue names none; add some, or take the clip out")
        }
        return Input(request: AudioRequest(path: audio.path, sha256: audio.sha256, clip: "", settings: settings))
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<AudioReport>] {
        var outcomes: [Outcome<AudioReport>] = []
        for input in inputs {
            do {
                outcomes.append(.completed(try await AudioReport.orUnavailable {
                    try await MediaRequests(children: environment.children, timeLimit: context.timeLimit).audio(input.request)
                }))
            } catch {
                outcomes.append(.failed(error as? FleetError ?? FleetError(.internal, "\(input.request.path) was not analysed", cause: error, isRetriable: true)))
            }
        }
        return outcomes
    }
}

extension AudioReport {
    /// A file without an audio stream gives a report that says so; every other error is thrown on.
    static func orUnavailable(_ analyse: () async throws -> AudioReport) async throws -> AudioReport {
        do {
            return try await analyse()
        } catch let error as FleetError where error.code.rawValue == MediaError.Code.noAudioStream.rawValue {
            return .unavailable(reason: "the file has no audio stream")
        }
    }
}

/// What a child is asked: analyse one audio file.
struct AudioRequest: Codable, Sendable {
    static let handler = "audio"
    /// What the longest recording may take.
    private static let longestAnswer: Duration = {
        var settings = AudioSettings()
        settings.maximumSeconds = AudioSettings.longest
        return settings.timeLimit
    }()

    var path: String
    /// The digest that was ingested; nil where nothing was.
    var sha256: Digest?
    /// The name that the report carries. Results are shared by all clips of the same bytes, and carry none.
    var clip: String
    var settings: AudioSettings
    /// Draw it, too: the answer's attachment is an SVG picture.
    var includesPlot = false
    /// Seconds from the first sample; how much is analysed is in the settings.
    var start = 0.0

    static let answering = ChildHandler(handler, seconds: UInt32(longestAnswer.components.seconds)) { (request: AudioRequest) in
        try MediaSource.verify(request.path, is: request.sha256)
        do {
            var settings = request.settings.analysis
            settings.start = request.start
            var analysis = try analyzeAudio(path: request.path, settings: settings, includesWaveform: request.includesPlot)
            analysis.report.clip = request.clip
            return ChildMessage(json: try CanonicalJSON.encode(analysis.report), attachments: analysis.plot(named: request.clip).map { [Array($0.utf8)] } ?? [])
        } catch let error as MediaError {
            throw FleetError(error)
        }
    }
}
