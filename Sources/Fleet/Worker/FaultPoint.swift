/// A place on a batch's way at which a fault test ends or stops its own process. Nobody else sets the hook, and without one nothing happens there.
package enum FaultPoint: String, CaseIterable, Codable, Sendable {
    /// The messages are here, and nothing is claimed.
    case beforeClaim
    /// Claimed and marked as started; the stage's code comes next.
    case beforeRun
    /// The stage has answered; nothing of it is written.
    case beforeSettle
    /// Settled and committed; the broker has not heard of it.
    case beforeAcknowledge
}

package typealias FaultHook = @Sendable (FaultPoint) -> Void
