import Testing

struct NotInTime: Error, CustomStringConvertible {
    var what: String
    var limit: Duration
    var description: String { "not within \(limit): \(what)" }
}

/// Asks until it is so. How often does not matter to any test; the pause only leaves the processor to those who are being asked about.
func eventually(_ what: String, within limit: Duration = .seconds(40), _ isSo: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !isSo() {
        guard ContinuousClock.now < deadline else { throw NotInTime(what: what, limit: limit) }
        // What is waited for is told by the ledger or the broker alone.
        try await Task.sleep(for: .milliseconds(20))
    }
}
