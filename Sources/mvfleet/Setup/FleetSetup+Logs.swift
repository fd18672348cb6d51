import LocalServices
import Logging

extension FleetSetup {
    /// Bounds the private servers' logs for as long as a role uses them.
    func trimmingLogs<Value>(_ body: () async throws -> Value) async throws -> Value {
        guard configuration.usesPrivateServices else { return try await body() }
        let trimming = Task { [configuration, logger] in
            let services = LocalServices.make(configuration, logger: logger)
            while !Task.isCancelled {
                do {
                    for log in try await services.trimLogs() { logger.notice("services.log_trimmed", metadata: ["log": "\(log)"]) }
                } catch {
                    logger.info("services.log_not_trimmed", metadata: ["error": "\(error)"])
                }
                // Logs grow by kilobytes a minute.
                try await Task.sleep(for: .seconds(60))
            }
        }
        defer { trimming.cancel() }
        return try await body()
    }
}
