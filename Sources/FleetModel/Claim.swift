/// A task that this worker holds a lease on, with all that its stage needs to run.
public struct Claim: Sendable {
    public var task: Int64
    /// The fence: a settlement counts only while the lease with this number stands.
    public var seq: Int64
    public var stage: StageName
    /// The job whose queue it was claimed from, which bears its cost; nil outside a ledger.
    public var job: Int64?
    /// The lane it came in.
    public var lane: Lane
    public var fingerprint: Fingerprint
    /// The recipe's canonical settings.
    public var settings: String
    /// Outputs of the upstream tasks, canonical JSON by stage.
    public var upstream: [StageName: String]
    /// How many attempts failed before.
    public var attempt: Int
    /// How many workers died with this task started. A task with strikes runs alone.
    public var strikes: Int
    /// Whether the ledger holds the task as started since it was claimed.
    public var isStarted: Bool
    private var source: ClipSource

    /// A clip is read when somebody asks for it: reading one costs more than all the rest of a claim, and a no-op needs none.
    private enum ClipSource: Sendable {
        case clip(Clip)
        case document(String)
    }

    public init(task: Int64, seq: Int64, stage: StageName, job: Int64? = nil, lane: Lane = .bulk, fingerprint: Fingerprint, settings: String, clip: Clip,
                upstream: [StageName: String], attempt: Int, strikes: Int) {
        self.init(task: task, seq: seq, stage: stage, job: job, lane: lane, fingerprint: fingerprint, settings: settings, source: .clip(clip), upstream: upstream, attempt: attempt,
                  strikes: strikes, isStarted: false)
    }

    /// - Parameter document: the clip as canonical JSON; checked when it is read.
    public init(task: Int64, seq: Int64, stage: StageName, job: Int64? = nil, lane: Lane = .bulk, fingerprint: Fingerprint, settings: String, document: String,
                upstream: [StageName: String], attempt: Int, strikes: Int, isStarted: Bool) {
        self.init(task: task, seq: seq, stage: stage, job: job, lane: lane, fingerprint: fingerprint, settings: settings, source: .document(document), upstream: upstream, attempt: attempt,
                  strikes: strikes, isStarted: isStarted)
    }

    private init(task: Int64, seq: Int64, stage: StageName, job: Int64?, lane: Lane, fingerprint: Fingerprint, settings: String, source: ClipSource,
                 upstream: [StageName: String], attempt: Int, strikes: Int, isStarted: Bool) {
        self.task = task
        self.seq = seq
        self.stage = stage
        self.job = job
        self.lane = lane
        self.fingerprint = fingerprint
        self.settings = settings
        self.source = source
        self.upstream = upstream
        self.attempt = attempt
        self.strikes = strikes
        self.isStarted = isStarted
    }

    /// Read anew each time until ``reading()`` has. A document that is no clip gives a clip without a name; whoever runs the task finds that out first, by ``reading()``.
    public var clip: Clip {
        get { (try? readClip()) ?? Clip(id: "") }
        set { source = .clip(newValue) }
    }

    /// - Returns: the claim with its clip read once and for all.
    /// - Throws: `ledger.corrupt` where the document is no clip that this program knows.
    public func reading() throws(FleetError) -> Claim {
        var claim = self
        claim.source = .clip(try readClip())
        return claim
    }

    private func readClip() throws(FleetError) -> Clip {
        switch source {
        case .clip(let clip): clip
        case .document(let document): try Clip(document: document)
        }
    }
}

extension Clip {
    /// - Parameter document: canonical JSON, as the ledger keeps it.
    /// - Throws: `ledger.corrupt`.
    public init(document: String) throws(FleetError) {
        do {
            self = try CanonicalJSON.decode(Clip.self, from: document)
        } catch {
            throw FleetError("ledger.corrupt", "a clip's document is no clip that this program knows: is it older than the one that ingested it?", cause: error)
        }
    }
}
