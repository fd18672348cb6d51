import FleetModel
import Ledger
import Logging

/// Writes the ledger's alarms to the coordinator's log, each kind at most once a minute.
struct AlarmWatch: Sendable {
    let ledger: Ledger
    let limits: AlarmLimits
    /// How often it looks.
    let interval: Duration
    let logger: Logger

    /// Runs until cancelled.
    func run() async {
        var log = AlarmLog()
        while !Task.isCancelled {
            // A fleet that has just started has no workers yet.
            try? await Task.sleep(for: interval)
            do {
                for alarm in log.due(try await ledger.alarms(limits), at: .now) {
                    logger.log(level: alarm.severity == .fault ? .error : .warning, "coordinator.alarm",
                               metadata: ["code": "\(alarm.code)", "alarm": "\(alarm.message)", "remedy": "\(alarm.remedy)"])
                }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("coordinator.alarms_failed", metadata: ["error": "\(error)"])
            }
        }
    }
}
