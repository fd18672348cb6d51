import Captioning
import FleetModel
import MusicAnalysis

/// What the `audio` stage measured, as the captioner's facts.
extension Captioning.MusicFacts {
    /// The quietest level that a momentary loudness is given as (EBU R128's absolute gate).
    private static let silence = -70.0

    package init(_ report: AudioReport) {
        guard report.isAvailable else {
            self = .unavailable
            return
        }
        let features = report.features
        self.init(
            isSilent: features.isSilent, duration: report.duration, tempo: features.tempoBpm, tempoConfidence: features.tempoConfidence,
            tempoAlternatives: features.tempoAlternatives.map { TempoAlternative(bpm: $0.bpm, strength: $0.confidence / max(features.tempoConfidence, 0.001)) },
            beats: features.beats, downbeats: features.downbeats, beatsPerBar: features.beatsPerBar, metreConfidence: features.metreConfidence,
            key: features.key, keyConfidence: features.keyConfidence,
            chords: features.chords.map { ChordSpan(start: $0.start, end: $0.end, label: $0.label, confidence: $0.confidence) },
            integratedLoudness: features.loudness.integratedLufs, loudnessRange: features.loudness.rangeLu,
            energyArc: features.loudness.perSecondLufs.map { $0 ?? Self.silence }, onsetRate: features.isSilent ? nil : features.onsetRate,
            brightness: features.timbre.centroidHz, percussiveness: features.isSilent ? nil : features.percussiveness,
            sections: features.sections.enumerated().map { SectionSpan(start: $1.start, end: $1.end, label: "\($0 + 1)") })
    }
}

/// What the catalogue says of a clip, as the captioner's facts. Names of works and people are left out.
extension SourceFacts {
    package init(_ clip: Clip) {
        self.init(genres: clip.genres, tags: clip.tags, energy: clip.metadata["energy"], valence: clip.metadata["valence"],
                  danceability: clip.metadata["danceability"], releaseYear: clip.metadata["release"].flatMap { Int(exactly: $0.rounded()) }, language: clip.language)
    }
}
