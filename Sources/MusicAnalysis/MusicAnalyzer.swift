import Glibc

/// Reads a clip's music from its samples: tempo, beats, bars, key, chords, loudness, timbre, sections. The same samples give the
/// same features, to the last digit.
public struct MusicAnalyzer: Sendable {
    public init() {}

    public func analyze(_ samples: AudioSamples) -> MusicFeatures {
        let signal = AnalysisSignal(samples)
        let loudness = LoudnessMeter().measure(samples)
        let empty = Self.silence(samples, loudness)
        guard !signal.isSilent, signal.sampleCount > 0 else { return empty }

        let harmony = HarmonyAnalysis(signal)
        let onsets = OnsetSpectrogram(signal)
        let picked = OnsetPicker().pick(onsets)
        let rhythm = RhythmAnalysis(onsets, picked: picked, HarmonicRhythm(harmony.chroma, chords: harmony.firstPath), harmony.novelty)
        let heardKey = harmony.key(rhythm: rhythm)
        let key = try? heardKey.get()
        let chords = harmony.chords(duration: samples.duration, rhythm: rhythm, key: key?.key)
        let boundaries = SectionFinder().boundaries(harmony.chroma, onsets, beats: rhythm.beats, downbeats: rhythm.downbeats)

        var features = empty
        features.isSilent = false
        features.tempoBpm = rhythm.tempo.map { Self.rounded($0, places: 3) }
        features.tempoConfidence = Self.rounded(rhythm.tempoConfidence, places: 3)
        features.tempoAbsence = rhythm.absence?.rawValue
        features.tempoAlternatives = rhythm.alternatives.map {
            MusicFeatures.TempoReading(bpm: Self.rounded($0.tempo, places: 3), confidence: Self.rounded($0.confidence, places: 3))
        }
        features.beats = rhythm.beats.map { Self.rounded($0, places: 3) }
        features.downbeats = rhythm.downbeats.map { Self.rounded($0, places: 3) }
        features.beatsPerBar = rhythm.beatsPerBar
        features.metreConfidence = Self.rounded(rhythm.metreConfidence, places: 3)
        features.key = key?.key.description
        features.keyConfidence = Self.rounded(key?.confidence ?? 0, places: 3)
        if case .failure(let absence) = heardKey { features.keyReason = absence.rawValue } else { features.keyReason = nil }
        features.tuningHz = Self.rounded(harmony.tuning, places: 2)
        features.chords = Self.rounded(chords)
        features.chroma = harmony.meanChroma().map { Self.rounded($0, places: 3) }
        features.onsets = picked.times.map { Self.rounded($0, places: 3) }
        features.onsetRate = Self.rounded(Double(picked.times.count) / max(samples.duration, 0.001), places: 3)
        features.percussiveness = Self.rounded(picked.percussiveness, places: 3)
        features.timbre = Self.timbre(TimbreMeter().measure(signal))
        features.sections = Self.sections(boundaries, duration: samples.duration)
        features.energyChanges = EnergyArc().changes(loudness.steps, downbeats: features.downbeats)
        addDetail(to: &features, harmony.chroma, signal, duration: samples.duration)
        return features
    }

    /// What is known without music: the sound as such.
    private static func silence(_ samples: AudioSamples, _ loudness: LoudnessMeter.Loudness) -> MusicFeatures {
        let (duration, end) = (samples.duration, rounded(samples.duration, places: 3))
        var features = MusicFeatures(
            isSilent: true, tempoBpm: nil, tempoConfidence: 0, tempoAbsence: RhythmAnalysis.Absence.silence.rawValue, tempoAlternatives: [], beats: [], downbeats: [], beatsPerBar: nil,
            metreConfidence: 0, key: nil, keyConfidence: 0, keyReason: "silent", tuningHz: nil,
            chords: end > 0 ? [ChordSegment(start: 0, end: end, label: "N", confidence: 1)] : [],
            chroma: [Double](repeating: 0, count: 12), loudness: rounded(loudness), onsets: [], onsetRate: 0, percussiveness: 0,
            timbre: timbre(nil), energy: energy(loudness), sections: sections([], duration: duration), tempoCurve: [], tempoStability: nil,
            onsetDensity: loudness.perSecond.map { _ in 0 }, chromaDeviation: [Double](repeating: 0, count: 12),
            mfcc: MusicFeatures.Cepstrum(mean: [], deviation: []), signal: SignalMeter().measure(samples), stereo: SignalMeter().stereo(samples),
            energyChanges: [], windows: [])
        features.windows = FrameWindows.windows(features, duration: duration)
        return features
    }

    /// What is read from the other features, and summaries.
    private func addDetail(to features: inout MusicFeatures, _ chroma: ChromaSequence, _ signal: AnalysisSignal, duration: Double) {
        features.tempoCurve = TempoCurve.points(features.beats)
        features.tempoStability = TempoCurve.stability(features.beats)
        for onset in features.onsets where Int(onset) < features.onsetDensity.count { features.onsetDensity[Int(onset)] += 1 }
        features.chromaDeviation = chroma.deviation.map { Self.rounded($0, places: 3) }
        features.mfcc = CepstrumMeter().measure(signal)
        features.windows = FrameWindows.windows(features, duration: duration)
    }

    private static func rounded(_ loudness: LoudnessMeter.Loudness) -> MusicFeatures.Loudness {
        func level(_ value: Double?) -> Double? { value.map { rounded($0, places: 2) } }
        return MusicFeatures.Loudness(
            integratedLufs: level(loudness.integrated), rangeLu: level(loudness.range), momentaryMaxLufs: level(loudness.momentaryMaximum),
            shortTermMaxLufs: level(loudness.shortTermMaximum), samplePeakDbfs: level(loudness.samplePeak),
            truePeakDbtp: level(loudness.truePeak), perSecondLufs: loudness.perSecond.map(level))
    }

    private static func energy(_ loudness: LoudnessMeter.Loudness) -> [Double] {
        guard let loudest = loudness.perSecond.compactMap({ $0 }).max() else { return loudness.perSecond.map { _ in 0 } }
        return loudness.perSecond.map { level in level.map { rounded(min(1, max(0, 1 + ($0 - loudest) / 40)), places: 3) } ?? 0 }
    }

    private static func timbre(_ timbre: TimbreMeter.Timbre?) -> MusicFeatures.Timbre {
        MusicFeatures.Timbre(
            centroidHz: timbre.map { rounded($0.centroid, places: 1) }, rolloffHz: timbre.map { rounded($0.rolloff, places: 1) },
            flatness: timbre.map { rounded($0.flatness, places: 4) }, lowShare: timbre.map { rounded($0.lowShare, places: 4) })
    }

    private static func sections(_ boundaries: [SectionFinder.Boundary], duration: Double) -> [MusicFeatures.Section] {
        let end = rounded(duration, places: 3)
        let inner = boundaries.filter { $0.time > 0.5 && $0.time < duration - 0.5 }
        let starts = [(0.0, 1.0)] + inner.map { (rounded($0.time, places: 3), rounded($0.confidence, places: 3)) }
        return starts.enumerated().compactMap { index, start in
            let next = index + 1 < starts.count ? starts[index + 1].0 : end
            return next > start.0 ? MusicFeatures.Section(start: start.0, end: next, confidence: start.1) : nil
        }
    }

    /// Borders rounded; what rounding makes empty is dropped.
    private static func rounded(_ chords: [ChordSegment]) -> [ChordSegment] {
        chords.compactMap { chord in
            let (start, end) = (rounded(chord.start, places: 3), rounded(chord.end, places: 3))
            guard end > start else { return nil }
            return ChordSegment(start: start, end: end, label: chord.label, confidence: rounded(chord.confidence, places: 3))
        }
    }

    /// Decimal places at the border: what is finer is noise. Never −0, never infinite.
    static func rounded(_ value: Double, places: Int) -> Double {
        guard value.isFinite else { return 0 }
        let scale = pow(10, Double(places))
        return (value * scale).rounded() / scale + 0
    }
}
