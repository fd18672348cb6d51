import Synchronization

/// Gathers what many tasks ask for at once into few statements: what comes while one is under way forms the next. One runs at a time, in the order of coming.
final class Coalescer<Item: Sendable, Answer: Sendable>: Sendable {
    private struct Waiting {
        var item: Item
        var continuation: CheckedContinuation<Result<Answer, any Error>, Never>
    }

    private struct State {
        var waiting: [Waiting] = []
        var isFlushing = false
    }

    private let state = Mutex(State())
    private let most: Int
    private let linger: Duration
    private let flush: @Sendable ([Item]) async throws -> [Answer]

    /// - Parameters:
    ///   - most: items of one statement.
    ///   - linger: how long a busy coalescer waits for more before it begins the next one; one that is asked now and then never waits.
    ///   - flush: one answer per item, in order.
    init(most: Int = 512, linger: Duration = .milliseconds(8), flush: @escaping @Sendable ([Item]) async throws -> [Answer]) {
        self.most = most
        self.linger = linger
        self.flush = flush
    }

    func callAsFunction(_ item: Item) async throws -> Answer {
        try await withCheckedContinuation { continuation in
            if enter(Waiting(item: item, continuation: continuation)) { Task { await run() } }
        }.get()
    }

    private func run() async {
        var lastCount = 0
        while true {
            // What comes within the linger goes along. Nobody cancels this task: who waits is answered in any case.
            if lastCount > 1 { try? await Task.sleep(for: linger) }
            let batch = take()
            if batch.isEmpty { return }
            lastCount = batch.count
            do {
                let answers = try await flush(batch.map(\.item))
                precondition(answers.count == batch.count, "one answer per item")
                for (waiting, answer) in zip(batch, answers) { waiting.continuation.resume(returning: .success(answer)) }
            } catch {
                for waiting in batch { waiting.continuation.resume(returning: .failure(error)) }
            }
        }
    }

    /// - Returns: whether nobody flushes, so that the caller must begin.
    @inline(never)
    private func enter(_ waiting: Waiting) -> Bool {
        state.withLock { state in
            state.waiting.append(waiting)
            defer { state.isFlushing = true }
            return !state.isFlushing
        }
    }

    @inline(never)
    private func take() -> [Waiting] {
        state.withLock { state in
            let batch = Array(state.waiting.prefix(most))
            state.waiting.removeFirst(batch.count)
            if batch.isEmpty { state.isFlushing = false }
            return batch
        }
    }
}
