import FleetModel

public struct PlanProgress: Sendable {
    public var clipsPlanned: Int
    public var clipsTotal: Int
    /// Tasks that this call subscribed to so far.
    public var tasks: Int
}

/// What one call of `plan` did: `tasks = created + reused + shared + filtered + dead`.
public struct PlanReport: Sendable, Equatable {
    public var clips = 0
    public var tasks = 0
    /// New tasks that will run.
    public var created = 0
    /// Tasks that have their result.
    public var reused = 0
    /// Open tasks of other jobs, or dead ones that run again.
    public var shared = 0
    /// Tasks that are filtered, or follow one that is.
    public var filtered = 0
    /// Dead tasks taken as they are.
    public var dead = 0

    public init() {}
}

/// What a job would do at one stage.
public struct StageEstimate: Sendable, Equatable {
    public var stage: StageName
    /// New, or dead and run again.
    public var toRun = 0
    public var reused = 0
    /// Open in another job.
    public var inProgress = 0
    public var filtered = 0
    /// Dead, and taken as they are.
    public var dead = 0

    public init(stage: StageName) { self.stage = stage }
}
