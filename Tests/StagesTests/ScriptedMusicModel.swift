import FleetModel
import MusicLanguageModel
import Stages
import Synchronization
import TensorKernels

/// A model that writes what it was given, and remembers what it was asked and how often it was loaded.
final class ScriptedMusicModel: MusicModelLoader {
    struct Asked: Sendable {
        var sources: PredictionSources
        var settings: PredictionSettings
    }

    private struct State {
        var towers: [WeightFormat] = []
        var writers: [MusicModels.WriterNeeds] = []
        var asked: [Asked] = []
        var runs: [Int] = []
    }

    static let tower = Digest.of("a tower"), language = Digest.of("a language model")

    private let state = Mutex(State())
    private let finish: FinishReason
    private let failure: ModelError?

    init(finish: FinishReason = .stop, failure: ModelError? = nil) {
        self.finish = finish
        self.failure = failure
    }

    var towers: [WeightFormat] { @inline(never) get { state.withLock { $0.towers } } }
    var writers: [MusicModels.WriterNeeds] { @inline(never) get { state.withLock { $0.writers } } }
    var asked: [Asked] { @inline(never) get { state.withLock { $0.asked } } }
    /// Recordings of each run of the tower.
    var runs: [Int] { @inline(never) get { state.withLock { $0.runs } } }

    func models() -> MusicModels {
        MusicModels(places: [.init(directory: "/models/scripted", tower: Self.tower, language: Self.language)], loader: self)
    }

    @inline(never)
    func tower(in directory: String, weights: WeightFormat) throws -> any MusicTower {
        state.withLock { $0.towers.append(weights) }
        return Tower(model: self)
    }

    @inline(never)
    func writer(in directory: String, _ needs: MusicModels.WriterNeeds) async throws -> any MusicWriter {
        note(needs)
        return Writer(model: self)
    }

    @inline(never) private func note(_ needs: MusicModels.WriterNeeds) { state.withLock { $0.writers.append(needs) } }
    @inline(never) private func note(_ asked: Asked) { state.withLock { $0.asked.append(asked) } }
    @inline(never) private func note(run: Int) { state.withLock { $0.runs.append(run) } }

    /// The mean and the largest of each clip's spectrum.
    private struct Tower: MusicTower {
        let model: ScriptedMusicModel
        let configuration = AudioTowerConfiguration()

        func vectors(of recordings: [ClipSpectra]) -> [[[Float]]] {
            model.note(run: recordings.count)
            return recordings.map { recording in
                let size = recording.bins * recording.frames
                return (0..<recording.clipCount).map { clip in
                    let values = recording.values[clip * size..<(clip + 1) * size]
                    return [values.reduce(0, +) / Float(size), values.max() ?? 0]
                }
            }
        }
    }

    private struct Writer: MusicWriter {
        let model: ScriptedMusicModel

        func write(_ sources: PredictionSources, _ settings: PredictionSettings) async throws -> AsyncThrowingStream<GeneratedPiece, any Error> {
            model.note(Asked(sources: sources, settings: settings))
            if let failure = model.failure { throw failure }
            let words = "**Overview** of \(sources.music?.clips.count ?? 0) vectors; \(sources.prompt.genres.joined(separator: ", "))".split(separator: " ")
            let finish = model.finish
            return AsyncThrowingStream { continuation in
                for (position, word) in words.enumerated() {
                    continuation.yield(GeneratedPiece(text: (position > 0 ? " " : "") + word, finish: position == words.count - 1 ? finish : nil,
                                                      usage: GenerationUsage(promptTokens: 100, answerTokens: position + 1)))
                }
                continuation.finish()
            }
        }

        func shutdown() async {}
    }
}
