import FleetModel

/// A clip of a job and how each stage ended for it.
public struct ClipResults: Sendable {
    public var key: String
    public var clip: Clip
    public var stages: [StageName: StageEnding]
}

public enum StageEnding: Sendable {
    /// `output` is canonical JSON; empty where the page was asked for without this stage.
    case done(output: String, degraded: Bool)
    /// `by` is the stage whose verdict it is.
    case filtered(reason: String, by: StageName)
    case dead(FleetError)
    /// Waits behind the dead task of `by`.
    case blocked(by: StageName, FleetError)
    /// Has not ended.
    case open
}

/// How many tasks of a job ended at a stage for one reason.
public struct EndingCount: Sendable, Hashable {
    public var stage: StageName
    /// `filtered` or `dead`.
    public var state: TaskState
    /// The reason of a filtered task, the code of a dead one.
    public var reason: String
    /// The stage whose verdict a filtered task follows; itself included.
    public var by: StageName?
    public var count: Int

    public init(stage: StageName, state: TaskState, reason: String, by: StageName?, count: Int) {
        self.stage = stage
        self.state = state
        self.reason = reason
        self.by = by
        self.count = count
    }
}
