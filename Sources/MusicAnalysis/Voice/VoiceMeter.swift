import Glibc
import NumericKernels

/// Measures eGeMAPS' descriptors of a recording while its samples pass: the mean of its channels at its own sample rate, as openSMILE does with one channel.
struct VoiceMeter: Sendable {
    /// Frames that are looked at together: ten seconds.
    private static let framesAtOnce = 1_000
    /// A frame weaker than this, in RMS after the window, has no pitch.
    private static let leastLevel: Float = 0.001
    /// dB where a formant has no level, because there is no voice.
    private static let noLevel: Float = -201
    private static let lowestSemitone = 1.0

    private let hop: Double
    private let long: VoiceFrames
    private let short: VoiceFrames
    private let summation: SubharmonicSummation
    private let formants: Formants
    private var spectrum: VoiceSpectrum
    private var periods: VoicePeriods
    private var path = PitchPath()
    private var tracks = VoiceTracks()
    /// Mono samples from `origin` on; what comes before is done with.
    private var samples: [Float] = []
    private var origin = 0
    private var frame = 0

    init(sampleRate: Int) {
        hop = 0.01 * Double(sampleRate)
        long = VoiceFrames(seconds: 0.06, window: .gauss, sampleRate: sampleRate)
        short = VoiceFrames(seconds: 0.02, window: .hamming, sampleRate: sampleRate)
        summation = SubharmonicSummation(binCount: long.binCount, binHertz: long.binHertz)
        formants = Formants(binCount: short.binCount, binHertz: short.binHertz)
        spectrum = VoiceSpectrum(binCount: short.binCount, binHertz: short.binHertz)
        periods = VoicePeriods(sampleRate: sampleRate)
    }

    mutating func append(_ channels: [[Float]]) {
        guard let first = channels.first else { return }
        let share = 1 / Float(channels.count)
        samples += first.indices.map { index in channels.reduce(0) { $0 + $1[index] } * share }
        while start(frame + Self.framesAtOnce) + 2 * long.length - origin <= samples.count { take(Self.framesAtOnce) }
    }

    /// The functionals by name, nil of less than 60 ms; to be called once.
    mutating func finish() -> [String: Double]? {
        let whole = origin + samples.count
        guard whole >= long.length else { return nil }
        take(Int(Double(whole - long.length) / hop) + 1 - frame)
        return tracks.functionals()
    }

    /// The first sample of a frame.
    private func start(_ frame: Int) -> Int { Int((Double(frame) * hop).rounded()) }

    private mutating func take(_ count: Int) {
        guard count > 0 else { return }
        let longs = spectra(long, count), shorts = spectra(short, count)
        let candidates = zip(longs.magnitudes, longs.levels).map { $1 < Self.leastLevel ? [] : summation.candidates($0) }
        let pitches = zip(path.decode(candidates), longs.levels).map { $1 < Self.leastLevel ? 0 : $0 }
        let correlations = autocorrelations(longs.magnitudes, pitches)
        for index in 0 ..< count {
            let pitch = pitches[index]
            tracks.pitch.append(pitch > 0 ? Float(max(Self.lowestSemitone, 12 * log2(pitch / 27.5))) : 0)
            tracks.power += Double(power(frame + index))
            add(spectrum.values(shorts.magnitudes[index]))
            let period = periods.values(samples, origin: origin, frame: start(frame + index), hop: start(frame + index + 1) - start(frame + index), pitch: pitch)
            addVoice(pitch, period, longs.magnitudes[index], shorts.magnitudes[index], correlations[index])
        }
        frame += count
        let done = max(0, min(samples.count, start(frame) - long.length - origin))
        samples.removeFirst(done)
        origin += done
    }

    private func spectra(_ frames: VoiceFrames, _ count: Int) -> (magnitudes: [[Float]], levels: [Float]) {
        var workspace = frames.makeWorkspace()
        var bins = [SIMD8<Float>](repeating: .zero, count: frames.binCount)
        var (magnitudes, levels) = ([[Float]](), [Float]())
        for first in stride(from: 0, to: count, by: 8) {
            let lanes = min(8, count - first)
            let power = frames.magnitudes(samples, starts: (0 ..< lanes).map { start(frame + first + $0) - origin }, &workspace, into: &bins)
            for lane in 0 ..< lanes {
                magnitudes.append(bins.map { $0[lane] })
                levels.append(power[lane].squareRoot())
            }
        }
        return (magnitudes, levels)
    }

    /// Of voiced frames.
    private func autocorrelations(_ magnitudes: [[Float]], _ pitches: [Double]) -> [[Float]] {
        var workspace = long.makeWorkspace()
        var result = [[Float]](repeating: [], count: pitches.count)
        let voiced = pitches.indices.filter { pitches[$0] > 0 }
        for first in stride(from: 0, to: voiced.count, by: 8) {
            let frames = voiced[first ..< min(first + 8, voiced.count)]
            var bins = [SIMD8<Float>](repeating: .zero, count: long.binCount)
            for (lane, frame) in frames.enumerated() { for bin in bins.indices { bins[bin][lane] = magnitudes[frame][bin] } }
            let lags = long.autocorrelations(bins, &workspace)
            for (lane, frame) in frames.enumerated() { result[frame] = lags.map { $0[lane] } }
        }
        return result
    }

    /// Mean square of a frame of 20 ms.
    private func power(_ frame: Int) -> Float {
        let first = start(frame) - origin
        let part = Array(samples[min(first, samples.count) ..< min(first + short.length, samples.count)])
        return Reductions.sumOfSquares(part) / Float(short.length)
    }

    private mutating func add(_ values: VoiceSpectrum.Values) {
        let all = [values.flux] + values.cepstrum + [values.loudness, values.alphaRatio, values.hammarbergIndex, values.lowSlope, values.middleSlope]
        for (index, value) in all.enumerated() { tracks.spectral[index].append(Float(value)) }
    }

    private mutating func addVoice(_ pitch: Double, _ period: VoicePeriods.Values, _ long: [Float], _ short: [Float], _ correlation: [Float]) {
        var all: [Float]
        if pitch > 0 {
            let harmonics = Harmonics(of: pitch, long, binHertz: self.long.binHertz)
            let formants = formants.formants(short)
            let third = harmonics.level(at: formants[2].frequency)
            all = [Float(period.jitter), Float(period.shimmer), Float(Harmonics.overNoise(correlation, period: hop * 100 / pitch)),
                   Float(harmonics.firstOverSecond), Float(max(Harmonics.none, harmonics.first - (third ?? -Harmonics.none)))]
            for formant in formants { all += [Float(formant.frequency), Float(formant.bandwidth), Float(harmonics.level(at: formant.frequency) ?? 0)] }
        } else {
            all = [0, 0, 0, 0, 0] + [Float](repeating: 0, count: 9)
            for formant in 0 ..< 3 { all[7 + 3 * formant] = Self.noLevel }
        }
        for (index, value) in all.enumerated() { tracks.voiced[index].append(value) }
    }
}
