import Synchronization

/// Does something until it has succeeded once. Asked by one caller at a time.
final class Once: Sendable {
    private let body: @Sendable () async throws -> Void
    private let isDone = Atomic(false)

    init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

    func callAsFunction() async throws {
        if isDone.load(ordering: .acquiring) { return }
        try await body()
        isDone.store(true, ordering: .releasing)
    }
}
