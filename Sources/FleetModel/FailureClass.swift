/// What kind of ending a task without a result has: whether running it again may help.
public enum FailureClass: String, Sendable, Codable, CaseIterable, CustomStringConvertible {
    /// For a passing reason, which did not pass in all the attempts that its code is given. Running it again later may help.
    case retryable
    /// Running the same again fails the same: mend the input or the program first.
    case permanent
    /// Put in quarantine: it killed its workers, or ran past its limits, again and again. It would do so to the next worker.
    case poison
    /// Not a failure: the clip does not belong in the dataset.
    case filtered

    /// Codes by which a task is poison, whatever was said of trying again.
    public static let poisonCodes: Set<FleetError.Code> = [.quarantined, .timeLimit, .childDied, .childTimeLimit]

    /// The class of a task that failed for good with this error.
    public init(_ error: FleetError) {
        self = FailureClass.poisonCodes.contains(error.code) ? .poison : error.isRetriable ? .retryable : .permanent
    }

    /// The class of one attempt that failed with this error.
    public init(attempt error: FleetError) {
        self = error.isRetriable ? .retryable : FailureClass(error)
    }

    public var description: String { rawValue }
}
