import Synchronization

/// Says once that no new work is to be taken, and ends the waits for it.
///
/// The lock is taken in functions of their own that are never inlined: in the frame of an async function the optimiser (Swift 6.3, Linux) may carry
/// the locking thread's identity over a suspension, and the unlock then traps on another thread.
package final class DrainSignal: Sendable {
    private struct State {
        var isDraining = false
        var next = 0
        var actions: [Int: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package var isDraining: Bool {
        @inline(never) get { state.withLock { $0.isDraining } }
    }

    package func drain() {
        takeActions().forEach { $0() }
    }

    @inline(never)
    private func takeActions() -> [@Sendable () -> Void] {
        state.withLock { state in
            state.isDraining = true
            defer { state.actions = [:] }
            return Array(state.actions.values)
        }
    }

    /// - Returns: what to call ``remove(_:)`` with; nil when draining has begun.
    @inline(never)
    private func add(_ action: @escaping @Sendable () -> Void) -> Int? {
        state.withLock { state in
            guard !state.isDraining else { return nil }
            state.next += 1
            state.actions[state.next] = action
            return state.next
        }
    }

    @inline(never)
    private func remove(_ key: Int) {
        state.withLock { _ = $0.actions.removeValue(forKey: key) }
    }

    /// Runs `body`, cancelled when draining begins.
    /// - Returns: nil when draining ended it or had begun before.
    package func unlessDraining<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value? {
        let task = Task { try await body() }
        guard let key = add({ task.cancel() }) else {
            task.cancel()
            return nil
        }
        defer { remove(key) }
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
