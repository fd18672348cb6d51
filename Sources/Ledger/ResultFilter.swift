import FleetModel
import Foundation

/// Which results, and which verdicts by which a clip was filtered, are meant. What is nil does not narrow.
public struct ResultFilter: Sendable {
    public var stage: StageName?
    /// Of the stage.
    public var version: Int?
    /// The beginning of a recipe's digest, in lower-case hexadecimal digits.
    public var recipe: String?
    /// Written at this time or later.
    public var since: Date?
    /// Written before this time.
    public var until: Date?
    /// Only results that a declared fallback made.
    public var degradedOnly = false

    public init() {}
}

public struct InvalidationReport: Sendable, Equatable {
    /// Results and verdicts that the filter named.
    public var named = 0
    /// Tasks that are to run again, by stage: those, and all that was made from them.
    public var tasks: [StageName: Int] = [:]
    /// Jobs that had ended and are open again, ascending. In a dry run, those that would be.
    public var jobs: [JobID] = []

    public init() {}
}
