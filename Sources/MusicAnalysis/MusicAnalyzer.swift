import Glibc

/// Reads a clip's music from its samples: tempo, beats, bars, key, chords, loudness, timbre, sections. The same samples give the
/// same features, to the last digit.
public struct MusicAnalyzer: Sendable {
    public init() {}

    public func analyze(_ samples: AudioSamples) -> MusicFeatures {
        var session = MusicAnalysisSession(sampleRate: samples.sampleRate, channelCount: samples.channels.count, expectedFrames: samples.frameCount)
        session.append(samples.channels)
        return session.finish().features
    }

    /// Decimal places at the border: what is finer is noise. Never −0, never infinite.
    static func rounded(_ value: Double, places: Int) -> Double {
        guard value.isFinite else { return 0 }
        let scale = pow(10, Double(places))
        return (value * scale).rounded() / scale + 0
    }
}
