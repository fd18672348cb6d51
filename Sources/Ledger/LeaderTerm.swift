import Foundation

/// One unbroken time of leadership. A leader that paused past its lease finds another epoch here.
public struct LeaderTerm: Hashable, Sendable {
    public var holder: UUID
    public var epoch: Int64
}
