import Glibc

/// The low-level descriptors of eGeMAPS over time, and their 88 functionals (Eyben et al., IEEE Transactions on Affective Computing 7, 2016), named as
/// openSMILE's eGeMAPSv02.
struct VoiceTracks: Sendable {
    /// Semitones above 27.5 Hz; 0 where it is unvoiced.
    var pitch: [Float] = []
    /// Jitter, shimmer, harmonics to noise, H1-H2, H1-A3, then of each formant frequency, bandwidth and amplitude: in the order of `voicedNames`.
    var voiced = [[Float]](repeating: [], count: voicedNames.count)
    /// Flux, four coefficients, loudness, alpha ratio, Hammarberg index, slopes: in the order of `spectralNames`.
    var spectral = [[Float]](repeating: [], count: spectralNames.count)
    /// Sum of the mean squares of the frames.
    var power = 0.0

    static let voicedNames = ["jitterLocal", "shimmerLocaldB", "HNRdBACF", "logRelF0-H1-H2", "logRelF0-H1-A3"]
        + (1 ... 3).flatMap { ["F\($0)frequency", "F\($0)bandwidth", "F\($0)amplitudeLogRelF0"] }
    static let spectralNames = ["spectralFlux", "mfcc1", "mfcc2", "mfcc3", "mfcc4", "loudness", "alphaRatio", "hammarbergIndex", "slope0-500", "slope500-1500"]

    /// Nil where there is not one frame.
    func functionals() -> [String: Double]? {
        guard !pitch.isEmpty else { return nil }
        var result: [String: Double] = [:]
        let smoothPitch = VoiceTrack(values: pitch).smoothedWhereSet()
        addContour("F0semitoneFrom27.5Hz_sma3nz", smoothPitch.whereSet(), &result)
        let loudness = VoiceTrack(values: spectral[5]).smoothed()
        addContour("loudness_sma3", loudness, &result)
        for index in 0 ..< 5 { addMoments(Self.spectralNames[index] + "_sma3", VoiceTrack(values: spectral[index]).smoothed(), &result) }
        for (name, values) in zip(Self.voicedNames, voiced) { addMoments(name + "_sma3nz", VoiceTrack(values: values).smoothedWhereSet().whereSet(), &result) }
        for index in [6, 7, 8, 9, 0, 1, 2, 3, 4] {
            addMoments(Self.name(index, "V"), part(index, isVoiced: true), &result)
        }
        for index in [6, 7, 8, 9, 0] { result[Self.name(index, "UV") + "_amean"] = part(index, isVoiced: false).mean }
        addTimes(smoothPitch, loudness, &result)
        result["equivalentSoundLevel_dBp"] = 10 * log10(max(power / Double(spectral[0].count), 1e-10))
        return result.mapValues { MusicAnalyzer.rounded($0, places: 6) }
    }

    /// `slope0-500` becomes `slopeV0-500`.
    private static func name(_ index: Int, _ suffix: String) -> String {
        let name = spectralNames[index]
        return (name.hasPrefix("slope") ? "slope" + suffix + name.dropFirst(5) : name + suffix) + "_sma3nz"
    }

    private func part(_ index: Int, isVoiced: Bool) -> VoiceTrack {
        VoiceTrack(values: zip(pitch, spectral[index]).map { ($0 > 0) == isVoiced ? $1 : 0 }).smoothedWhereSet().whereSet()
    }

    private func addMoments(_ name: String, _ track: VoiceTrack, _ result: inout [String: Double]) {
        result[name + "_amean"] = track.mean
        result[name + "_stddevNorm"] = track.relativeDeviation
    }

    private func addContour(_ name: String, _ track: VoiceTrack, _ result: inout [String: Double]) {
        addMoments(name, track, &result)
        let percentiles = track.percentiles([0.2, 0.5, 0.8])
        for (percent, value) in zip(["20.0", "50.0", "80.0"], percentiles) { result[name + "_percentile" + percent] = value }
        result[name + "_pctlrange0-2"] = percentiles[2] - percentiles[0]
        let turns = track.turns()
        for (kind, slopes) in [("Rising", turns.rising), ("Falling", turns.falling)] {
            let spread = Spread(slopes)
            result[name + "_mean\(kind)Slope"] = spread.mean
            result[name + "_stddev\(kind)Slope"] = spread.deviation
        }
    }

    private func addTimes(_ pitch: VoiceTrack, _ loudness: VoiceTrack, _ result: inout [String: Double]) {
        let seconds = 0.01 * Double(pitch.values.count)
        result["loudnessPeaksPerSec"] = Double(loudness.turns().peakCount) / (0.01 * Double(loudness.values.count))
        let (voiced, unvoiced) = (pitch.runs(areSet: true), pitch.runs(areSet: false))
        result["VoicedSegmentsPerSec"] = Double(voiced.count) / seconds
        for (suffix, runs) in [("VoicedSegmentLengthSec", voiced), ("UnvoicedSegmentLength", unvoiced)] {
            let spread = Spread(runs.map { 0.01 * Double($0) })
            result["Mean" + suffix] = spread.mean
            result["Stddev" + suffix] = spread.deviation
        }
    }
}
