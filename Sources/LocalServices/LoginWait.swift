import Foundation

/// Waits until a server is ready: its process lives *and* a login with the credentials that were generated for it works. An open
/// port alone could be somebody else's.
struct LoginWait: Sendable {
    var service: ServiceName
    var server: DetachedServer
    var deadline: ContinuousClock.Instant
    var secrets: [String]
    var progress: @Sendable (ServiceProgress) -> Void

    enum Ending: Sendable {
        case ready
        /// The process has ended.
        case died
    }

    private static let pause = Duration.milliseconds(100)
    private static let reportInterval = Duration.seconds(5)

    /// - Throws: `ServiceError.notReady` at the deadline, or what cancellation throws.
    func untilReady(_ login: @Sendable () async throws -> Void) async throws -> Ending {
        let begin = ContinuousClock.now
        var nextReport = begin + Self.reportInterval
        while true {
            guard case .alive(let process) = server.sighting() else { return .died }
            var refusal = ""
            do {
                try await login()
                return .ready
            } catch let error as CancellationError {
                throw error
            } catch {
                refusal = String(describing: error)
            }
            let now = ContinuousClock.now
            guard now < deadline else {
                for secret in secrets { refusal = refusal.replacing(secret, with: "***") }
                throw ServiceError(.notReady,
                                   "\(service.title) (process \(process.identity.pid)) accepted no login within \((now - begin).components.seconds) s; it may still be starting, so try again, or run `mvfleet down` first; its log is \(server.logPath)",
                                   cause: refusal, isRetriable: true)
            }
            if now >= nextReport {
                progress(ServiceProgress(service, "waiting for a login (\((now - begin).components.seconds) s)"))
                nextReport = now + Self.reportInterval
            }
            // A server says nowhere that it takes logins but by taking one.
            try await Task.sleep(for: Self.pause)
        }
    }
}
