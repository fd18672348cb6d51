import FleetModel
import Logging

/// Tries a statement again through lost connections and restarts of the database.
struct LedgerPersistence: Sendable {
    let logger: Logger

    func callAsFunction<Value: Sendable>(_ event: Logger.Message, for persistence: Duration, _ body: @Sendable () async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + persistence
        var pause: Duration = .milliseconds(200)
        while true {
            do {
                return try await body()
            } catch let error as FleetError where error.isRetriable && ContinuousClock.now < deadline {
                logger.warning(event, metadata: ["error": "\(error)"])
                // The database is away: less and less often, and not all processes at once.
                try await Task.sleep(for: pause * Double.random(in: 0.5..<1.5))
                pause = min(pause * 2, .seconds(5))
            }
        }
    }
}
