/// A coordinator or a worker that a test has started.
final class RunningRole: Sendable {
    private let task: Task<Void, any Error>

    init(_ run: @escaping @Sendable () async throws -> Void) {
        task = Task { try await run() }
    }

    /// Waits for its end.
    /// - Throws: what ended it, if not the test.
    func end() async throws {
        do {
            try await task.value
        } catch is CancellationError {}
    }

    /// Cancels it: as hard an end as there is within one process.
    func cancel() async throws {
        task.cancel()
        try await end()
    }
}
