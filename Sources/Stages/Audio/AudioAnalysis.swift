import Media
import MusicAnalysis

/// What the analysis of one clip's audio may be told.
public struct AudioAnalysisSettings: Sendable, Hashable, Codable {
    /// Seconds from the first sample at which the part that is analysed begins; `limits.maximumDuration` is how long it is at most.
    public var start: Double
    public var limits: MediaLimits
    /// Whether eGeMAPS' descriptors are wanted, too.
    public var includesVoice: Bool

    public init(start: Double = 0, limits: MediaLimits = MediaLimits(), includesVoice: Bool = false) {
        self.start = start
        self.limits = limits
        self.includesVoice = includesVoice
    }
}

/// A file's audio report, and what a picture of it is drawn from.
package struct AudioAnalysis: Sendable {
    package var report: AudioReport
    /// Where a plot was asked for.
    package var waveform: WaveformEnvelope?

    /// The report as an SVG picture; nil where no plot was asked for.
    package func plot(named name: String) -> String? {
        waveform.map {
            MusicPlot(name: name, duration: report.duration, offset: report.startTime, features: report.features, waveform: $0).svg()
        }
    }
}

/// Decodes a file's audio and reads its music. `clip` of the report is left empty for the caller.
///
/// - Throws: what `AudioDecoder.decode` throws; `audio.no_stream` is for the caller to report as `AudioReport.unavailable`.
public func analyzeAudio(path: String, settings: AudioAnalysisSettings = AudioAnalysisSettings()) throws(MediaError) -> AudioReport {
    try analyzeAudio(path: path, settings: settings, includesWaveform: false).report
}

/// As above, and the waveform's envelope where it is asked for.
package func analyzeAudio(path: String, settings: AudioAnalysisSettings, includesWaveform: Bool) throws(MediaError) -> AudioAnalysis {
    let listener = Listener(includesWaveform: includesWaveform, includesVoice: settings.includesVoice)
    let audio = try AudioDecoder().decode(path: path, from: settings.start, limits: settings.limits, into: listener)
    guard let music = listener.finish() else { preconditionFailure("audio that was decoded was received") }
    var warnings = audio.warnings
    if audio.replacedSampleCount > 0 {
        warnings.append("\(audio.replacedSampleCount) samples were no finite numbers and were set to 0")
    }
    let report = AudioReport(
        clip: "", isAvailable: true, reason: nil, duration: milliseconds(audio.duration), startTime: milliseconds(audio.startTime),
        sampleRate: audio.sampleRate, channels: audio.channelCount, container: audio.container, codec: audio.codec,
        isTruncated: audio.isTruncated, warnings: warnings, features: music.features)
    return AudioAnalysis(report: report, waveform: music.waveform?.envelope(count: MusicPlot.width(duration: audio.duration)))
}

/// Seconds rounded to thousandths.
private func milliseconds(_ seconds: Double) -> Double { (seconds * 1_000).rounded() / 1_000 }

/// Reads the music while the file is decoded.
private final class Listener: AudioReceiver {
    private let includesWaveform: Bool
    private let includesVoice: Bool
    private var session: MusicAnalysisSession?

    init(includesWaveform: Bool, includesVoice: Bool) { (self.includesWaveform, self.includesVoice) = (includesWaveform, includesVoice) }

    func begin(_ format: AudioFormat) {
        session = MusicAnalysisSession(sampleRate: format.sampleRate, channelCount: format.channelCount, expectedFrames: format.expectedFrames,
                                       includesWaveform: includesWaveform, includesVoice: includesVoice)
    }

    func receive(_ block: [[Float]]) { session?.append(block) }

    /// Nil where nothing began.
    func finish() -> MusicAnalysisSession.Result? { session.take()?.finish() }
}
