import Synchronization

/// Requests under way in this process, by digest: whoever asks the same meanwhile waits for the same answer.
final class Flights<Value: Sendable>: Sendable {
    /// One request, and those who wait for it. A waiter may leave; the request goes on, since it may be paid for already.
    final class Flight: Sendable {
        private struct State {
            var result: Value?
            var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
            var next = 0
            var gone: Set<Int> = []
        }

        private let state = Mutex(State())

        /// - Returns: nil where the caller was cancelled first.
        func value() async -> Value? {
            let ticket = ticket()
            return await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    if let ready = enter(ticket, continuation) { continuation.resume(returning: ready) }
                }
            } onCancel: {
                leave(ticket)
            }
        }

        @inline(never)
        private func ticket() -> Int {
            state.withLock { state in
                state.next += 1
                return state.next
            }
        }

        /// - Returns: what to answer at once: the result, or nil in it for one that was cancelled already.
        @inline(never)
        private func enter(_ ticket: Int, _ continuation: CheckedContinuation<Value?, Never>) -> Value?? {
            state.withLock { state -> Value?? in
                if let result = state.result { return .some(result) }
                if state.gone.remove(ticket) != nil { return .some(nil) }
                state.waiters[ticket] = continuation
                return .none
            }
        }

        @inline(never)
        private func leave(_ ticket: Int) {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: ticket)
                if waiter == nil, state.result == nil { state.gone.insert(ticket) }
                return waiter
            }
            waiter?.resume(returning: nil)
        }

        @inline(never)
        func end(_ value: Value) {
            let waiters = state.withLock { state in
                state.result = value
                defer { state.waiters = [:] }
                return state.waiters.values
            }
            for waiter in waiters { waiter.resume(returning: value) }
        }
    }

    private struct State {
        var flights: [[UInt8]: Flight] = [:]
        var tasks: [[UInt8]: Task<Void, Never>] = [:]
        var isClosed = false
        var idle: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// - Returns: the flight, and whether the caller is to begin it; nil after the end.
    @inline(never)
    func join(_ digest: [UInt8]) -> (flight: Flight, isFirst: Bool)? {
        state.withLock { state in
            if state.isClosed { return nil }
            if let flight = state.flights[digest] { return (flight, false) }
            let flight = Flight()
            state.flights[digest] = flight
            return (flight, true)
        }
    }

    /// The request's own task, so that an end can cancel it.
    @inline(never)
    func began(_ digest: [UInt8], _ task: Task<Void, Never>) {
        state.withLock { if $0.flights[digest] != nil { $0.tasks[digest] = task } }
    }

    @inline(never)
    func end(_ digest: [UInt8], _ value: Value) {
        let (flight, idle) = state.withLock { state in
            state.tasks[digest] = nil
            let flight = state.flights.removeValue(forKey: digest)
            let idle = state.flights.isEmpty ? state.idle : []
            if state.flights.isEmpty { state.idle = [] }
            return (flight, idle)
        }
        flight?.end(value)
        for waiter in idle { waiter.resume() }
    }

    /// Takes no more.
    @inline(never)
    func close() { state.withLock { $0.isClosed = true } }

    @inline(never)
    func cancelAll() { for task in state.withLock({ Array($0.tasks.values) }) { task.cancel() } }

    func waitUntilIdle() async {
        await withCheckedContinuation { continuation in
            if !queue(continuation) { continuation.resume() }
        }
    }

    @inline(never)
    private func queue(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        state.withLock { state in
            if state.flights.isEmpty { return false }
            state.idle.append(continuation)
            return true
        }
    }
}
