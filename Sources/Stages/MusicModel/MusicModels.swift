import FleetModel
import MusicLanguageModel
import TensorKernels

/// The paper's model as this process has it: each part loaded once, when the first task needs it, for all stages and slots.
public struct MusicModels: Sendable {
    /// A checkpoint on this machine, and what names its parts in recipes.
    public struct Place: Sendable, Hashable {
        public var directory: String
        /// Nil where the directory has no audio tower.
        public var tower: Digest?
        /// Nil where it has no language model, or none that is complete.
        public var language: Digest?

        public init(directory: String, tower: Digest?, language: Digest?) {
            self.directory = directory
            self.tower = tower
            self.language = language
        }
    }

    /// What a recipe says of the tower that it needs.
    public struct TowerNeeds: Hashable, Sendable {
        public var checkpoint: Digest
        public var weights: WeightFormat
    }

    /// What a recipe says of the language model that it needs.
    public struct WriterNeeds: Hashable, Sendable {
        public var checkpoint: Digest
        public var backend: PredictionSettings.Backend
        public var weights: WeightFormat
        public var usesAdapters: Bool

        public init(checkpoint: Digest, backend: PredictionSettings.Backend, weights: WeightFormat, usesAdapters: Bool) {
            self.checkpoint = checkpoint
            self.backend = backend
            self.weights = weights
            self.usesAdapters = usesAdapters
        }
    }

    /// How the tower's work is gathered.
    public struct Batching: Sendable, Hashable {
        /// Recordings of a run at most.
        public var size: Int
        /// How long the first of a run that is not full waits for others.
        public var wait: Duration

        public init(size: Int = 8, wait: Duration = .milliseconds(20)) {
            self.size = size
            self.wait = wait
        }
    }

    private struct SeatedTower: Sendable {
        var configuration: AudioTowerConfiguration
        var runs: DynamicBatcher<ClipSpectra, [[Float]]>
    }

    public let places: [Place]
    private let towers: ModelSeat<TowerNeeds, SeatedTower>
    private let writers: ModelSeat<WriterNeeds, any MusicWriter>

    public init(places: [Place], loader: any MusicModelLoader, batching: Batching = Batching()) {
        self.places = places
        towers = ModelSeat { needs in
            let directory = try Self.directory(of: needs.checkpoint, \.tower, "audio tower", places)
            let tower = try await Self.loading(directory) { try await onOwnThread { try loader.tower(in: directory, weights: needs.weights) } }
            return SeatedTower(configuration: tower.configuration, runs: DynamicBatcher(size: batching.size, wait: batching.wait) { recordings in
                try await onOwnThread { tower.vectors(of: recordings) }
            })
        }
        writers = ModelSeat(load: { needs in
            let directory = try Self.directory(of: needs.checkpoint, \.language, "language model", places)
            return try await Self.loading(directory) { try await loader.writer(in: directory, needs) }
        }, unload: { await $0.shutdown() })
    }

    /// The embedding of one recording. Recordings of many tasks go through the tower together, and while they do, the next ones are heard.
    ///
    /// - Parameter hear: what the tower is to see of the recording.
    /// - Throws: `FleetError`, `CancellationError`, what `hear` throws.
    public func embedding(_ settings: EmbeddingSettings, hear: @Sendable (AudioTowerConfiguration) async throws -> HeardMusic) async throws -> MusicEmbedding {
        guard let checkpoint = settings.checkpoint else { throw Self.unnamed("embedding") }
        return try await towers.with(TowerNeeds(checkpoint: checkpoint, weights: settings.weights)) { tower in
            let heard = try await hear(tower.configuration)
            let vectors = try await tower.runs.value(of: heard.spectra)
            return MusicEmbedding(vectors, of: heard, checkpoint: checkpoint, settings.mean)
        }
    }

    /// Writes one text, to the end.
    ///
    /// - Parameter onPiece: hears each piece as it comes.
    /// - Throws: `FleetError`, `CancellationError`.
    public func text(from sources: PredictionSources, _ settings: PredictionSettings, onPiece: @Sendable (GeneratedPiece) -> Void = { _ in }) async throws -> GeneratedText {
        guard let checkpoint = settings.checkpoint else { throw Self.unnamed("prediction") }
        let needs = WriterNeeds(checkpoint: checkpoint, backend: settings.backend, weights: settings.weights, usesAdapters: settings.usesAdapters)
        do {
            return try await writers.with(needs) { writer in
                var text = GeneratedText()
                for try await piece in try await writer.write(sources, settings) {
                    text.append(piece)
                    onPiece(piece)
                }
                return text
            }
        } catch let error as ModelError {
            throw FleetError(error)
        }
    }

    /// Loads what a job's recipes need, so that what cannot be loaded is known at once.
    public func load(for graph: StageGraph) async throws {
        func settings<Value: Decodable>(_ stage: StageName, _ type: Value.Type) throws -> Value? {
            try graph.stages.first { $0.name == stage }.map { try CanonicalJSON.decode(type, from: $0.recipe.settings) }
        }
        try await load(try settings("embedding", EmbeddingSettings.self), try settings("prediction", PredictionSettings.self))
    }

    /// - Throws: `recipe.invalid` where a stage of the model has a recipe that names no checkpoint.
    public static func requireCheckpoints(of graph: StageGraph) throws {
        struct Named: Decodable { var checkpoint: Digest? }
        for plan in graph.stages where ["embedding", "prediction"].contains(plan.name) {
            guard try CanonicalJSON.decode(Named.self, from: plan.recipe.settings).checkpoint != nil else { throw unnamed(plan.name) }
        }
    }

    /// Loads what these recipes need, so that what cannot be loaded is known at once.
    public func load(_ embedding: EmbeddingSettings? = nil, _ prediction: PredictionSettings? = nil) async throws {
        if let embedding, let checkpoint = embedding.checkpoint {
            try await towers.with(TowerNeeds(checkpoint: checkpoint, weights: embedding.weights)) { _ in }
        }
        if let prediction, let checkpoint = prediction.checkpoint {
            try await writers.with(WriterNeeds(checkpoint: checkpoint, backend: prediction.backend, weights: prediction.weights, usesAdapters: prediction.usesAdapters)) { _ in }
        }
    }

    /// Ends what runs in the background when the last task is done.
    public func close() async {
        await towers.close()
        await writers.close()
    }

    /// A recipe that names no checkpoint.
    static func unnamed(_ stage: StageName) -> FleetError {
        FleetError("recipe.invalid", "the recipe of '\(stage)' names no checkpoint: give --music-model DIR, or 'checkpoint' in the recipe ('mvfleet model inspect DIR --identity' prints it)")
    }

    /// A worker without a model.
    static func absent(_ stage: StageName) -> FleetError {
        FleetError(.stageStart, "this worker has no model for '\(stage)': start one with --model DIR (or MVFLEET_MODEL, or music_model in its configuration file)", isRetriable: true)
    }

    private static func directory(of checkpoint: Digest, _ part: KeyPath<Place, Digest?>, _ what: String, _ places: [Place]) throws(FleetError) -> String {
        if let place = places.first(where: { $0[keyPath: part] == checkpoint }) { return place.directory }
        let known = places.map { "\($0.directory) (\($0[keyPath: part].map { "\($0.hex.prefix(12))" } ?? "none"))" }.joined(separator: ", ")
        throw FleetError(.stageStart, "this worker does not have the \(what) \(checkpoint.hex.prefix(12)) that the recipe names: it has \(known.isEmpty ? "none" : known); start a worker with --model and the directory that holds it", isRetriable: true)
    }

    private static func loading<Value>(_ directory: String, _ load: () async throws -> Value) async throws -> Value {
        do {
            return try await load()
        } catch let error as FleetError {
            throw error
        } catch let error as ModelError {
            throw FleetError(error)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw FleetError(.stageStart, "the model in \(directory) cannot be loaded", cause: error)
        }
    }
}

extension FleetError {
    /// Errors of models keep their code: failures are listed and retried by it.
    public init(_ error: ModelError) {
        self.init(Code(rawValue: error.code.rawValue), error.message, cause: error.cause, isRetriable: error.isRetriable)
    }
}
