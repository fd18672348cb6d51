/// Runs `body` and gives up on it after `limit`: it is cancelled, and its late answer is dropped.
///
/// - Returns: nil past the limit.
package func withTimeLimit<Value: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () async -> Value) async -> Value? {
    await withTaskGroup(of: Value?.self) { group in
        let race = Race<Value>()
        // The work is not a child of the group: a group waits for its children, and work that does not heed cancellation must not hold the slot.
        let work = Task { await race.finish(with: await body()) }
        group.addTask {
            await withTaskCancellationHandler { await race.value() } onCancel: { Task { await race.finish(with: nil) } }
        }
        group.addTask {
            // The limit itself; cancelled where the work ends first.
            try? await Task.sleep(for: limit)
            return nil
        }
        let first = await group.next() ?? nil
        group.cancelAll()
        if first == nil { work.cancel() }
        return first
    }
}

/// The first of two ends; a later one is dropped.
private actor Race<Value: Sendable> {
    private var result: Value??
    private var waiter: CheckedContinuation<Value?, Never>?

    func finish(with value: Value?) {
        guard result == nil else { return }
        result = .some(value)
        waiter?.resume(returning: value)
        waiter = nil
    }

    func value() async -> Value? {
        if let result { return result }
        return await withCheckedContinuation { waiter = $0 }
    }
}
