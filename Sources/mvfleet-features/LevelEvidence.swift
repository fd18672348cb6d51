import Foundation
import Media
import MusicAnalysis
import NumericKernels

/// A file's rhythm as JSON, with the levels that the tempo estimator weighed: what speaks for each, and its beats.
struct LevelEvidence {
    private struct Level: Encodable {
        var tempo: Double
        var beats: [Double]
        var evidence: [Float]
    }

    private struct Study: Encodable {
        var tempo_bpm: Double?
        var beats: [Double]
        var downbeats: [Double]
        var beats_per_bar: Int?
        var metre_scores: [String: Float]
        var bar_evidence: [[Float]]
        var levels: [Level]
    }

    /// The environment's MVFLEET_RHYTHM_MODEL names a safetensors file to be used in place of the built-in model.
    private let model: RhythmModel

    init() throws {
        if let path = ProcessInfo.processInfo.environment["MVFLEET_RHYTHM_MODEL"] {
            model = try RhythmModel(SafetensorsFile([UInt8](Data(contentsOf: URL(fileURLWithPath: path)))))
        } else {
            model = .builtIn
        }
    }

    func export(_ file: String, to directory: String) throws {
        let audio = try AudioDecoder().decode(path: file)
        let study = RhythmStudy(AudioSamples(sampleRate: audio.sampleRate, channels: audio.channels), model: model)
        let levels = study.levels.map { Level(tempo: $0.tempo, beats: $0.beatTimes, evidence: $0.evidence) }
        let metre = Dictionary(uniqueKeysWithValues: study.metreScores.map { ("\($0.beats)", $0.score) })
        let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        let record = Study(tempo_bpm: study.tempo, beats: study.beats, downbeats: study.downbeats, beats_per_bar: study.beatsPerBar,
                           metre_scores: metre, bar_evidence: study.barEvidence, levels: levels)
        try JSONEncoder().encode(record).write(to: URL(fileURLWithPath: "\(directory)/\(name).json"), options: .atomic)
    }
}
