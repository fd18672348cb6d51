import FleetModel
import Logging

/// One kind of work on one clip. The stage's code knows nothing of queues or SQL.
///
/// A stage is one folder in `Stages/` and one line in its catalogue.
public protocol Stage: Sendable {
    /// Every parameter that can change the output. Its canonical JSON is the recipe; a worker makes one stage per recipe.
    associatedtype Settings: Codable & Sendable
    associatedtype Input: Sendable
    associatedtype Output: Codable & Sendable

    static var descriptor: StageDescriptor { get }
    static var defaultSettings: Settings { get }

    /// What a recipe of these settings requires beside what the descriptor names.
    static func requires(with settings: Settings) -> [StageName]

    /// What a recipe of these settings reads beside what the descriptor names.
    static func reads(with settings: Settings) -> [SourceField]

    init(settings: Settings, environment: StageEnvironment) async throws

    /// What the stage needs of a claimed task. An error ends this task alone.
    func input(of task: StageTask) throws -> Input

    /// One outcome per input, in order. A failing item never fails its neighbours.
    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<Output>]
}

extension Stage {
    public static func requires(with settings: Settings) -> [StageName] { [] }

    public static func reads(with settings: Settings) -> [SourceField] { [] }
}

/// What the fleet has to know of a stage before any data flows.
public struct StageDescriptor: Sendable {
    public var name: StageName
    /// Version of the algorithm. Raise it with every change that can change an output.
    public var version: Int
    /// In every recipe; see ``Stage/requires(with:)``.
    public var requires: [StageName]
    /// By every recipe; see ``Stage/reads(with:)``.
    public var reads: [SourceField]
    /// How many batches one worker runs at once unless told otherwise.
    public var slots: Int
    /// The most tasks that are claimed, run and settled together: large for quick stages, 1 for slow ones.
    public var batch: Int
    /// The longest one task may take.
    public var timeLimit: Duration
    public var retry: RetryPolicy
    /// True where the work is done in child processes: then a worker's death is never a task's doing, and is not held against it.
    public var isIsolated: Bool
    /// How many child processes each slot keeps busy: one where the stage is isolated, unless told otherwise.
    public var children: Int

    public init(name: StageName, version: Int, requires: [StageName] = [], reads: [SourceField] = [], slots: Int = 1, batch: Int = 1,
                timeLimit: Duration = .seconds(120), retry: RetryPolicy = .standard, isIsolated: Bool = false, children: Int? = nil) {
        self.name = name
        self.version = version
        self.requires = requires
        self.reads = reads
        self.slots = slots
        self.batch = batch
        self.timeLimit = timeLimit
        self.retry = retry
        self.isIsolated = isIsolated
        self.children = children ?? (isIsolated ? 1 : 0)
    }
}

extension StageDescriptor {
    /// How many messages a worker holds beyond what it works on. Near the slots for slow stages, so that nobody hoards what others could run; hundreds
    /// for quick ones, so that the broker is never waited for.
    package func prefetch(slots: Int) -> Int {
        min(slots * batch + (batch > 1 ? batch : 0), 2000)
    }
}

/// A claimed task as its stage sees it.
public struct StageTask: Sendable {
    public let claim: Claim

    public init(_ claim: Claim) { self.claim = claim }

    public var clip: Clip { claim.clip }
    public var fingerprint: Fingerprint { claim.fingerprint }

    /// The output of an upstream stage.
    public func upstream<Value: Decodable>(_ stage: StageName, as type: Value.Type) throws(FleetError) -> Value {
        guard let text = claim.upstream[stage] else {
            throw FleetError(.internal, "task \(claim.task) of '\(claim.stage)' was claimed without the output of '\(stage)', which it requires")
        }
        do {
            return try CanonicalJSON.decode(type, from: text)
        } catch {
            throw FleetError("stage.input", "the output of '\(stage)' does not read as '\(claim.stage)' needs it; a worker of another version wrote it: raise the version of '\(stage)'", cause: error)
        }
    }
}

/// What a worker lends its stages.
public struct StageEnvironment: Sendable {
    public var blobs: BlobStore
    public var children: ChildProcessPool
    /// Nil where no server is configured.
    public var languageModels: (any LanguageModelAccess)?
    public var logger: Logger
    private var services: [ObjectIdentifier: any Sendable] = [:]

    public init(blobs: BlobStore, children: ChildProcessPool, languageModels: (any LanguageModelAccess)? = nil, logger: Logger) {
        self.blobs = blobs
        self.children = children
        self.languageModels = languageModels
        self.logger = logger
    }

    /// What only some stages know of, by its type, such as a model that is loaded once for all of them; nil where this process has none.
    public subscript<Service: Sendable>(_ type: Service.Type) -> Service? {
        get { services[ObjectIdentifier(type)] as? Service }
        set { services[ObjectIdentifier(type)] = newValue }
    }
}

/// What holds for one batch.
public struct StageContext: Sendable {
    /// By when each task of the batch must have ended.
    public var timeLimit: Duration
    public var logger: Logger

    public init(timeLimit: Duration, logger: Logger) {
        self.timeLimit = timeLimit
        self.logger = logger
    }
}
