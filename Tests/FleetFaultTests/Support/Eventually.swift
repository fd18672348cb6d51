import FleetModel
import PostgreSQL
import RabbitMQ
import Testing

struct NotInTime: Error, CustomStringConvertible {
    var what: String
    var limit: Duration
    var last: (any Error)?
    var description: String { "not within \(limit): \(what)" + (last.map { "; the last answer was: \($0)" } ?? "") }
}

/// Asks until it is so. How often does not matter to any test; the pause only leaves the processor to those who are being asked about.
///
/// A server that is away at the moment, as these tests arrange it, has not said no.
func eventually(_ what: String, within limit: Duration = .seconds(60), _ isSo: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    var last: (any Error)?
    while true {
        do {
            if try await isSo() { return }
            last = nil
        } catch {
            guard isPassing(error) else { throw error }
            last = error
        }
        guard ContinuousClock.now < deadline else { throw NotInTime(what: what, limit: limit, last: last) }
        // Other processes tell nobody of their steps: what they wrote is looked at.
        try await Task.sleep(for: .milliseconds(30))
    }
}

private func isPassing(_ error: any Error) -> Bool {
    switch error {
    case let error as FleetError: error.isRetriable
    case let error as PostgreSQLError: error.isRetriable
    case let error as RabbitMQError: error.isRetriable
    default: false
    }
}

/// The same for an answer: asks until there is one.
func eventualAnswer<Value>(to what: String, within limit: Duration = .seconds(60), _ ask: () async throws -> Value) async throws -> Value {
    var answer: Value?
    try await eventually(what, within: limit) {
        answer = try await ask()
        return true
    }
    guard let answer else { throw NotInTime(what: what, limit: limit) }
    return answer
}
