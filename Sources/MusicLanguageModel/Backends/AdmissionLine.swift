import Synchronization

/// A bounded number of places, and the line of those who wait for one, first come first served.
package final class AdmissionLine: Sendable {
    private struct State: Sendable {
        var free: Int
        var isClosed = false
        var waiting: [(id: UInt64, continuation: CheckedContinuation<Void, any Error>)] = []
        var nextID: UInt64 = 0
        /// Who was cancelled before it stood in the line.
        var cancelled: Set<UInt64> = []
    }

    private let state: Mutex<State>

    package init(places: Int) { state = Mutex(State(free: places)) }

    /// Returns with a place, which ``leave()`` gives back.
    ///
    /// - Throws: `CancellationError`, or `ModelError.backend` when the line is closed.
    package func enter() async throws {
        let id = makeID()
        defer { forget(id) }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { stand(id, $0) }
        } onCancel: {
            cancel(id)
        }
    }

    /// Gives a place back: the first in the line has it.
    package func leave() {
        state.withLock { state -> CheckedContinuation<Void, any Error>? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst().continuation
        }?.resume()
    }

    /// Nobody enters any more.
    package func close() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.isClosed = true
            return state.waiting
        }
        for (_, continuation) in waiting { continuation.resume(throwing: Self.closed) }
    }

    package static let closed = ModelError(code: .backend, message: "the language model has been shut down")

    @inline(never) private func makeID() -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
    }

    @inline(never) private func forget(_ id: UInt64) { state.withLock { _ = $0.cancelled.remove(id) } }

    @inline(never) private func stand(_ id: UInt64, _ continuation: CheckedContinuation<Void, any Error>) {
        let result = state.withLock { state -> Result<Void, any Error>? in
            if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
            if state.isClosed { return .failure(Self.closed) }
            if state.free > 0 {
                state.free -= 1
                return .success(())
            }
            state.waiting.append((id, continuation))
            return nil
        }
        if let result { continuation.resume(with: result) }
    }

    @inline(never) private func cancel(_ id: UInt64) {
        state.withLock { state -> CheckedContinuation<Void, any Error>? in
            if let place = state.waiting.firstIndex(where: { $0.id == id }) { return state.waiting.remove(at: place).continuation }
            // Either it has its place already, or it comes to stand in the line after this.
            state.cancelled.insert(id)
            return nil
        }?.resume(throwing: CancellationError())
    }
}
