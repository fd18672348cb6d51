import FleetModel
import Logging

/// Asks a server again, with growing pauses, for as long as the answer is that another time may do. For what a program needs before it can begin: a database
/// that restarts at that moment is no reason to end.
func untilAnswered<Value: Sendable>(_ event: Logger.Message, _ logger: Logger, _ ask: @Sendable () async throws -> Value) async throws -> Value {
    var pause: Duration = .milliseconds(200)
    while true {
        do {
            return try await ask()
        } catch let error as FleetError where error.isRetriable {
            logger.warning(event, metadata: ["error": "\(error)"])
        }
        // Whoever is asked is away: less and less often.
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .seconds(5))
    }
}
