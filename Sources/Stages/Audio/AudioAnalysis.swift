import Media
import MusicAnalysis

/// What the analysis of one clip's audio may be told.
public struct AudioAnalysisSettings: Sendable, Hashable, Codable {
    public var limits: MediaLimits

    public init(limits: MediaLimits = MediaLimits()) {
        self.limits = limits
    }
}

/// Decodes a file's audio and reads its music. `clip` of the report is left empty for the caller.
///
/// - Throws: what `AudioDecoder.decode` throws; `audio.no_stream` is for the caller to report as `AudioReport.unavailable`.
public func analyzeAudio(path: String, settings: AudioAnalysisSettings = AudioAnalysisSettings()) throws(MediaError) -> AudioReport {
    let audio = try AudioDecoder().decode(path: path, limits: settings.limits)
    let features = MusicAnalyzer().analyze(AudioSamples(sampleRate: audio.sampleRate, channels: audio.channels))
    var warnings = audio.warnings
    if audio.replacedSampleCount > 0 {
        warnings.append("\(audio.replacedSampleCount) samples were no finite numbers and were set to 0")
    }
    return AudioReport(
        clip: "", isAvailable: true, reason: nil, duration: milliseconds(audio.duration), startTime: milliseconds(audio.startTime),
        sampleRate: audio.sampleRate, channels: audio.channels.count, container: audio.container, codec: audio.codec,
        isTruncated: audio.isTruncated, warnings: warnings, features: features)
}

/// Seconds rounded to thousandths.
private func milliseconds(_ seconds: Double) -> Double { (seconds * 1_000).rounded() / 1_000 }
