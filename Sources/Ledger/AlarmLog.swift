import FleetModel

/// Which alarms to write to a log now: each kind at most once in a while.
public struct AlarmLog: Sendable {
    private let interval: Duration
    private var written: [FleetError.Code: ContinuousClock.Instant] = [:]

    public init(interval: Duration = .seconds(60)) {
        self.interval = interval
    }

    /// - Returns: all alarms of the kinds that are due.
    public mutating func due(_ alarms: [Alarm], at now: ContinuousClock.Instant) -> [Alarm] {
        let due = alarms.filter { alarm in written[alarm.code].map { now - $0 >= interval } ?? true }
        for alarm in due { written[alarm.code] = now }
        return due
    }
}
