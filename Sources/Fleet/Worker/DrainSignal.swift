import Synchronization

/// Says once that no new work is to be taken, and ends the waits for it.
package final class DrainSignal: Sendable {
    private struct State {
        var isDraining = false
        var next = 0
        var actions: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var isDraining: Bool { state.withLock { $0.isDraining } }

    package func drain() {
        let actions = state.withLock { state in
            state.isDraining = true
            defer { state.actions = [:] }
            return Array(state.actions.values)
        }
        actions.forEach { $0() }
    }

    /// Runs `body`, cancelled when draining begins.
    /// - Returns: nil when draining ended it or had begun before.
    package func unlessDraining<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value? {
        let task = Task { try await body() }
        let key: Int? = state.withLock { state in
            guard !state.isDraining else { return nil }
            state.next += 1
            state.actions[state.next] = { task.cancel() }
            return state.next
        }
        guard let key else {
            task.cancel()
            return nil
        }
        defer { state.withLock { _ = $0.actions.removeValue(forKey: key) } }
        do {
            return try await withTaskCancellationHandler { try await task.value } onCancel: { task.cancel() }
        } catch where isDraining {
            return nil
        }
    }

    /// Returns when draining begins, or on cancellation.
    package func waitUntilDraining() async {
        _ = try? await unlessDraining { try await Task.sleep(for: .seconds(1 << 40)) }
    }
}
