import FleetModel

/// Holds one loaded model at a time, for whoever needs it: loaded when it is first asked for, once, however many ask; given up for another when nobody uses it any more.
///
/// So memory is that of the largest model, and not of all that recipes name. Who wants another model waits until those who came before are done, and then goes before
/// those who came after: two jobs with different models in one worker take turns.
package actor ModelSeat<Key: Hashable & Sendable, Model: Sendable> {
    private struct Waiter {
        var key: Key
        var caller: CheckedContinuation<Model, any Error>
    }

    private let load: @Sendable (Key) async throws -> Model
    private let unload: @Sendable (Model) async -> Void
    private var seated: (key: Key, model: Model)?
    private var users = 0
    private var isChanging = false
    private var isClosed = false
    private var line: [Waiter] = []
    private var closer: CheckedContinuation<Void, Never>?

    package init(load: @escaping @Sendable (Key) async throws -> Model, unload: @escaping @Sendable (Model) async -> Void = { _ in }) {
        self.load = load
        self.unload = unload
    }

    /// Runs `body` with the model, which stays at least as long.
    ///
    /// - Throws: what loading it or `body` throws; each caller that waited for a load hears of its failure, and the next one tries again.
    package func with<Value: Sendable>(_ key: Key, _ body: @Sendable (Model) async throws -> Value) async throws -> Value {
        let model = try await take(key)
        defer { give() }
        try Task.checkCancellation()
        return try await body(model)
    }

    /// Ends the model when its last user is done; later callers are refused.
    package func close() async {
        isClosed = true
        advance()
        if users > 0 || isChanging { await withCheckedContinuation { closer = $0 } }
        if let model = seated?.model {
            seated = nil
            await unload(model)
        }
    }

    private func take(_ key: Key) async throws -> Model {
        if let seated, seated.key == key, line.isEmpty, !isClosed {
            users += 1
            return seated.model
        }
        return try await withCheckedThrowingContinuation { caller in
            line.append(Waiter(key: key, caller: caller))
            advance()
        }
    }

    private func give() {
        users -= 1
        advance()
    }

    private func advance() {
        if isClosed {
            let refused = line
            line = []
            for waiter in refused { waiter.caller.resume(throwing: CancellationError()) }
            guard users == 0, !isChanging else { return }
            closer?.resume()
            closer = nil
            return
        }
        guard !isChanging, let first = line.first else { return }
        if let seated, seated.key == first.key {
            let served = line.prefix { $0.key == first.key }
            line.removeFirst(served.count)
            users += served.count
            for waiter in served { waiter.caller.resume(returning: seated.model) }
        } else if users == 0 {
            isChanging = true
            Task { await change(to: first.key) }
        }
    }

    private func change(to key: Key) async {
        if let model = seated?.model {
            seated = nil
            await unload(model)
        }
        var refused: [Waiter] = []
        do {
            seated = (key, try await load(key))
        } catch {
            refused = Array(line.prefix { $0.key == key })
            line.removeFirst(refused.count)
            for waiter in refused { waiter.caller.resume(throwing: error) }
        }
        isChanging = false
        advance()
    }
}
