import Catalogue
import FleetModel
import Foundation
import MusicLanguageModel
import Stages
import TensorKernels

/// The checkpoints of the paper's model that a command was given or the configuration names: found, and named by their bytes.
struct MusicCheckpoints: Sendable {
    private struct Entry: Sendable {
        var place: MusicModels.Place
        var directory: ModelDirectory
    }

    private var entries: [Entry] = []
    private var cacheDirectory = ""

    /// None.
    init() {}

    /// - Parameters:
    ///   - given: directories; empty for those of the configuration.
    ///   - isNamed: false where no recipe is made: then a name that holds in this process will do, and the files need not be read for it.
    /// - Throws: `model.checkpoint` for a directory that is not there or holds neither tower nor language model, naming what to put there.
    static func find(_ given: [String], _ configuration: FleetConfiguration, isNamed: Bool = true) async throws -> MusicCheckpoints {
        var checkpoints = MusicCheckpoints()
        let names = configuration.musicModelDirectories(given)
        guard !names.isEmpty else { return checkpoints }
        checkpoints.cacheDirectory = configuration.dataDirectory + "/models"
        // Where it cannot be made, files are read again the next time.
        if isNamed { try? FileManager.default.createDirectory(atPath: configuration.dataDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]) }
        let cache = FileDigestCache(path: configuration.dataDirectory + "/model-digests.json")
        let resolver = MediaResolver(root: "/", cache: cache)
        for name in names {
            let path = URL(fileURLWithPath: name).standardizedFileURL.path
            let directory: ModelDirectory
            do { directory = try ModelDirectory(path: path) } catch { throw FleetError(error) }
            func identity(_ files: [CheckpointIdentity.File]) async throws -> Digest? {
                if files.isEmpty { return nil }
                guard isNamed else { return Digest.of(path) }
                return try await CheckpointIdentity.of(files) { try await resolver.digest(of: URL(fileURLWithPath: $0).resolvingSymlinksInPath().path) }
            }
            let place = MusicModels.Place(directory: path, tower: try await identity(CheckpointIdentity.towerFiles(of: directory)),
                                          language: try await identity(CheckpointIdentity.languageFiles(of: directory)))
            guard place.tower != nil || place.language != nil else {
                let remarks = directory.remarks.isEmpty ? "" : " (\(directory.remarks.prefix(3).joined(separator: "; ")))"
                let remedies = [ModelDirectory.Part.audioTower, .languageModel].map { "\($0.rawValue): \($0.remedy)" }.joined(separator: "; ")
                throw FleetError("model.checkpoint", "\(path) holds neither an audio tower nor a language model with its tokenizer\(remarks). \(remedies)")
            }
            checkpoints.entries.append(Entry(place: place, directory: directory))
        }
        cache.save()
        return checkpoints
    }

    private var tower: Entry? { entries.first { $0.place.tower != nil } }
    private var language: Entry? { entries.first { $0.place.language != nil } }

    /// What a job makes with them, where it is not told.
    var stages: [StageName] { language != nil ? ["prediction"] : tower != nil ? ["embedding"] : [] }

    func canServe(_ stage: StageName) -> Bool { (stage == "prediction" ? language : tower) != nil }

    /// A stage whose part of the model is not there.
    func missing(_ stage: StageName) -> FleetError {
        guard !entries.isEmpty else {
            return FleetError("model.none", "'\(stage)' needs the paper's model: give its directory (--model or --music-model, or MVFLEET_MODEL, or music_model in the configuration file)")
        }
        let parts: [ModelDirectory.Part] = stage == "prediction" ? [.languageModel, .tokenizer] : [.audioTower]
        let lacking = parts.filter { part in entries.allSatisfy { !$0.directory.has(part) } }
        return FleetError("model.checkpoint", "the stage '\(stage)' needs what \(entries.map(\.place.directory).joined(separator: ", ")) does not hold: "
            + lacking.map { "no \($0.rawValue): \($0.remedy)" }.joined(separator: "; ")
            // What is missing may be there and not fit to be read.
            + entries.flatMap(\.directory.remarks).map { "; \($0)" }.joined())
    }

    // MARK: Recipes

    /// The recipe that a job has where it says no more.
    func embedding() -> EmbeddingSettings? {
        guard let tower else { return nil }
        var settings = EmbeddingSettings()
        settings.checkpoint = tower.place.tower
        return settings
    }

    func prediction(_ options: PredictionOptions) throws -> PredictionSettings? {
        guard let language else { return nil }
        var settings = PredictionSettings()
        settings.checkpoint = language.place.language
        if let inputs = options.inputs.flatMap({ InputSwitches($0) }) {
            settings.inputs = inputs
        } else if self.tower == nil || !language.directory.has(.adaptor) {
            // Without tower or adaptor nothing is heard.
            settings.inputs.remove(.music)
        }
        settings.backend = options.backend ?? settings.backend
        settings.weights = try options.weights ?? usualWeights(of: language.directory)
        return settings
    }

    /// Single precision where it takes no more than 4 GB, bfloat16 otherwise.
    private func usualWeights(of directory: ModelDirectory) throws -> WeightFormat {
        do {
            return try directory.loadLanguageModelTensors().configuration.parameters * 4 <= 4_000_000_000 ? .float32 : .bfloat16
        } catch {
            throw FleetError(error)
        }
    }

    /// Lays under a job's settings what these checkpoints and options say.
    func lay(_ options: PredictionOptions, over settings: inout StageSettings) throws {
        if let embedding = embedding() { try settings.lay(try CanonicalJSON.encode(embedding), over: "embedding") }
        if let prediction = try prediction(options) {
            try settings.lay(try CanonicalJSON.encode(prediction), over: "prediction")
        } else {
            // Without a checkpoint here the recipe names one, and these options stand over what it leaves out.
            var object: [String: String] = [:]
            if let inputs = options.inputs { object["inputs"] = inputs }
            if let backend = options.backend { object["backend"] = backend.rawValue }
            if let weights = options.weights { object["weights"] = weights.rawValue }
            if !object.isEmpty { try settings.lay(try CanonicalJSON.encode(object), over: "prediction") }
        }
    }

    /// What runs them in this process; nil where there are none.
    func models(_ machine: MusicMachine) throws -> MusicModels? {
        guard !entries.isEmpty else { return nil }
        return MusicModels(places: entries.map(\.place), loader: CheckpointLoader(.init(threads: machine.threads, slots: machine.batch, cacheDirectory: cacheDirectory, server: machine.server)),
                           batching: .init(size: machine.batch, wait: machine.wait))
    }
}
