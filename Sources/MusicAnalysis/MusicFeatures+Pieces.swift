import Glibc

/// The features of a recording from what was read of its pieces and measured over the whole.
extension MusicFeatures {
    /// - Parameter pieces: in order, each cut to what it answers for; at least one.
    init(pieces: [MusicPiece], loudness: LoudnessMeter.Loudness, signal: Signal, stereo: Stereo?, duration: Double) {
        self.init(withoutMusic: loudness, signal, stereo, duration: duration)
        let music = MusicPiece(joining: pieces)
        guard !music.isSilent else { return }
        isSilent = false
        addRhythm(music)
        addHarmony(music)
        onsets = music.onsets.map { MusicAnalyzer.rounded($0, places: 3) }
        onsetRate = MusicAnalyzer.rounded(Double(onsets.count) / max(duration, 0.001), places: 3)
        percussiveness = MusicAnalyzer.rounded(music.percussiveness, places: 3)
        timbre = Self.timbre(music.timbre)
        sections = Self.sections(music.boundaries, duration: duration)
        energyChanges = EnergyArc().changes(loudness.steps, downbeats: downbeats)
        tempoCurve = TempoCurve.points(beats)
        tempoStability = TempoCurve.stability(beats)
        for onset in onsets where Int(onset) < onsetDensity.count { onsetDensity[Int(onset)] += 1 }
        mfcc = Cepstrum(mean: music.cepstrum.map { MusicAnalyzer.rounded($0.mean, places: 3) }, deviation: music.cepstrum.map { MusicAnalyzer.rounded($0.deviation, places: 3) })
        windows = FrameWindows.windows(self, duration: duration)
        if pieces.count > 1 { passages = pieces.map(Passage.init) }
    }

    /// What is known without music: the sound as such.
    private init(withoutMusic loudness: LoudnessMeter.Loudness, _ signal: Signal, _ stereo: Stereo?, duration: Double) {
        let end = MusicAnalyzer.rounded(duration, places: 3)
        self.init(
            isSilent: true, tempoBpm: nil, tempoConfidence: 0, tempoAbsence: RhythmAnalysis.Absence.silence.rawValue, tempoAlternatives: [], beats: [], downbeats: [], beatsPerBar: nil,
            metreConfidence: 0, key: nil, keyConfidence: 0, keyReason: "silent", tuningHz: nil,
            chords: end > 0 ? [ChordSegment(start: 0, end: end, label: "N", confidence: 1)] : [],
            chroma: [Double](repeating: 0, count: 12), loudness: Self.rounded(loudness), onsets: [], onsetRate: 0, percussiveness: 0,
            timbre: Self.timbre(nil), energy: Self.energy(loudness), sections: Self.sections([], duration: duration), tempoCurve: [], tempoStability: nil,
            onsetDensity: loudness.perSecond.map { _ in 0 }, chromaDeviation: [Double](repeating: 0, count: 12),
            mfcc: Cepstrum(mean: [], deviation: []), signal: signal, stereo: stereo, energyChanges: [], windows: [])
        windows = FrameWindows.windows(self, duration: duration)
    }

    private mutating func addRhythm(_ music: MusicPiece) {
        tempoBpm = music.tempo.map { MusicAnalyzer.rounded($0, places: 3) }
        tempoConfidence = MusicAnalyzer.rounded(music.tempoConfidence, places: 3)
        tempoAbsence = music.absence?.rawValue
        tempoAlternatives = music.alternatives.map {
            TempoReading(bpm: MusicAnalyzer.rounded($0.tempo, places: 3), confidence: MusicAnalyzer.rounded($0.confidence, places: 3))
        }
        beats = music.beats.map { MusicAnalyzer.rounded($0, places: 3) }
        downbeats = music.downbeats.map { MusicAnalyzer.rounded($0, places: 3) }
        beatsPerBar = music.beatsPerBar
        metreConfidence = MusicAnalyzer.rounded(music.metreConfidence, places: 3)
    }

    private mutating func addHarmony(_ music: MusicPiece) {
        let estimate = try? music.key?.get()
        key = estimate?.key.description
        keyConfidence = MusicAnalyzer.rounded(estimate?.confidence ?? 0, places: 3)
        if case .failure(let absence) = music.key { keyReason = absence.rawValue } else { keyReason = nil }
        tuningHz = music.tuning.map { MusicAnalyzer.rounded($0, places: 2) }
        chords = Self.rounded(music.chords)
        let top = music.chroma.max() ?? 0
        chroma = music.chroma.map { MusicAnalyzer.rounded(top > 0 ? Double($0 / top) : 0, places: 3) }
        chromaDeviation = music.chromaSpread.map { MusicAnalyzer.rounded($0.deviation, places: 3) }
    }

    private static func rounded(_ loudness: LoudnessMeter.Loudness) -> Loudness {
        func level(_ value: Double?) -> Double? { value.map { MusicAnalyzer.rounded($0, places: 2) } }
        return Loudness(
            integratedLufs: level(loudness.integrated), rangeLu: level(loudness.range), momentaryMaxLufs: level(loudness.momentaryMaximum),
            shortTermMaxLufs: level(loudness.shortTermMaximum), samplePeakDbfs: level(loudness.samplePeak),
            truePeakDbtp: level(loudness.truePeak), perSecondLufs: loudness.perSecond.map(level))
    }

    private static func energy(_ loudness: LoudnessMeter.Loudness) -> [Double] {
        guard let loudest = loudness.perSecond.compactMap({ $0 }).max() else { return loudness.perSecond.map { _ in 0 } }
        return loudness.perSecond.map { level in level.map { MusicAnalyzer.rounded(min(1, max(0, 1 + ($0 - loudest) / 40)), places: 3) } ?? 0 }
    }

    private static func timbre(_ timbre: TimbreMeter.Timbre?) -> Timbre {
        Timbre(
            centroidHz: timbre.map { MusicAnalyzer.rounded($0.centroid, places: 1) }, rolloffHz: timbre.map { MusicAnalyzer.rounded($0.rolloff, places: 1) },
            flatness: timbre.map { MusicAnalyzer.rounded($0.flatness, places: 4) }, lowShare: timbre.map { MusicAnalyzer.rounded($0.lowShare, places: 4) })
    }

    private static func sections(_ boundaries: [SectionFinder.Boundary], duration: Double) -> [Section] {
        let end = MusicAnalyzer.rounded(duration, places: 3)
        let inner = boundaries.filter { $0.time > 0.5 && $0.time < duration - 0.5 }
        let starts = [(0.0, 1.0)] + inner.map { (MusicAnalyzer.rounded($0.time, places: 3), MusicAnalyzer.rounded($0.confidence, places: 3)) }
        return starts.enumerated().compactMap { index, start in
            let next = index + 1 < starts.count ? starts[index + 1].0 : end
            return next > start.0 ? Section(start: start.0, end: next, confidence: start.1) : nil
        }
    }

    /// Borders rounded; what rounding makes empty is dropped.
    private static func rounded(_ chords: [ChordSegment]) -> [ChordSegment] {
        chords.compactMap { chord in
            let (start, end) = (MusicAnalyzer.rounded(chord.start, places: 3), MusicAnalyzer.rounded(chord.end, places: 3))
            guard end > start else { return nil }
            return ChordSegment(start: start, end: end, label: chord.label, confidence: MusicAnalyzer.rounded(chord.confidence, places: 3))
        }
    }
}
