import Media
import MusicAnalysis

/// What the analysis of one clip's audio may be told.
public struct AudioAnalysisSettings: Sendable, Hashable, Codable {
    /// Seconds from the first sample at which the part that is analysed begins; `limits.maximumDuration` is how long it is at most.
    public var start: Double
    public var limits: MediaLimits

    public init(start: Double = 0, limits: MediaLimits = MediaLimits()) {
        self.start = start
        self.limits = limits
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
    let audio = try AudioDecoder().decode(path: path, from: settings.start, limits: settings.limits)
    let samples = AudioSamples(sampleRate: audio.sampleRate, channels: audio.channels)
    let features = MusicAnalyzer().analyze(samples)
    var warnings = audio.warnings
    if audio.replacedSampleCount > 0 {
        warnings.append("\(audio.replacedSampleCount) samples were no finite numbers and were set to 0")
    }
    let report = AudioReport(
        clip: "", isAvailable: true, reason: nil, duration: milliseconds(audio.duration), startTime: milliseconds(audio.startTime),
        sampleRate: audio.sampleRate, channels: audio.channels.count, container: audio.container, codec: audio.codec,
        isTruncated: audio.isTruncated, warnings: warnings, features: features)
    let waveform = includesWaveform ? WaveformEnvelope(samples, count: MusicPlot.width(duration: audio.duration)) : nil
    return AudioAnalysis(report: report, waveform: waveform)
}

/// Seconds rounded to thousandths.
private func milliseconds(_ seconds: Double) -> Double { (seconds * 1_000).rounded() / 1_000 }
