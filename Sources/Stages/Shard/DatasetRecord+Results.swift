import Captioning
import DatasetFormat
import FleetModel
import Ledger
import VisualAnalysis

extension DatasetRecord {
    /// One clip's results as a sample.
    init(_ result: ClipResults, split: SplitSide, graph: StageGraph) throws {
        func output<Value: Decodable>(_ stage: StageName, _ type: Value.Type) throws -> Value {
            guard case .done(let text, _) = result.stages[stage] else {
                throw FleetError("job.incomplete", "clip '\(result.key)' has a description but no output of '\(stage)': the ledger is damaged; run 'mvfleet doctor'")
            }
            return try CanonicalJSON.decode(type, from: text)
        }
        let description = try output("description", MVDescription.self)
        let frames = try output("frames", FramesOutput.self)
        let audio = try output("audio", AudioReport.self)
        let music = Captioning.MusicFacts(audio)
        let visual = Captioning.VisualFacts(frames)
        let isDegraded = result.stages.values.contains { if case .done(_, true) = $0 { true } else { false } }
        self.init(
            clipID: result.key, split: split, artistGroup: result.clip.artistGroup, genres: result.clip.genres, tags: result.clip.tags, language: result.clip.language,
            durationSeconds: frames.report.source.durationSeconds, instruction: MVDescription.instruction, text: description.text.rendered, overview: description.overview,
            frames: description.frames.map {
                FrameDescription(index: $0.index, startSeconds: $0.start, endSeconds: $0.end, title: $0.title, description: $0.description,
                                 bar: $0.sync.bar, beat: $0.sync.beat, onDownbeat: $0.sync.onDownbeat, chord: $0.sync.chord ?? "N")
            },
            mvTypes: description.mvTypes.map(\.rawValue),
            music: DatasetFormat.MusicFacts(
                tempoBPM: music.tempo, key: music.key, beatsPerBar: music.beatsPerBar, beatsSeconds: music.beats, downbeatsSeconds: music.downbeats,
                chords: music.chords.map { .init(startSeconds: $0.start, endSeconds: $0.end, label: $0.label) }, loudnessLUFS: music.integratedLoudness,
                caption: try output("music-caption", MusicCaption.self).text, unifiedCaption: try output("unified-caption", UnifiedCaption.self).text),
            lyrics: DatasetRecord.lyrics(try output("lyrics", Captioning.LyricsUnderstanding.self)),
            visual: DatasetFormat.VisualFacts(cutsSeconds: visual.cuts, palette: frames.datasetPalette, brightness: visual.brightnessMean, motion: visual.motionMean),
            provenance: RecordProvenance(source: description.provenance.source, degraded: isDegraded,
                                         results: graph.fingerprints(of: result.clip).map { .init(stage: $0.stage.name.rawValue, recipe: $0.stage.recipe.digest.hex, fingerprint: $0.fingerprint.description) }),
            prediction: try PredictedText(result.stages["prediction"]), musicEmbedding: try DatasetRecord.embedding(result.stages["embedding"]))
    }

    private static func embedding(_ ending: StageEnding?) throws -> [Float] {
        guard case .done(let text, _) = ending else { return [] }
        return try CanonicalJSON.decode(MusicEmbedding.self, from: text).pooled.values
    }

    private static func lyrics(_ understanding: Captioning.LyricsUnderstanding) -> DatasetFormat.LyricsUnderstanding {
        switch understanding.status {
        case .ok: .understood(understanding.text ?? "")
        case .instrumental: .instrumental
        case .unavailable: .unavailable(reason: understanding.reason)
        }
    }
}
