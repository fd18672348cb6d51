import FleetModel

/// Gathers what many tasks want of one model into runs: a run begins when it is full, or when its first item has waited long enough.
///
/// One run goes at a time; what comes meanwhile forms the next ones. At most `capacity` items are held, running ones included: whoever brings more waits for room, so that
/// memory is bounded whatever the slots.
package actor DynamicBatcher<Item: Sendable, Value: Sendable> {
    private struct Entry {
        var number: Int
        var item: Item
        var caller: CheckedContinuation<Value, any Error>
    }

    private let size: Int
    private let wait: Duration
    private let capacity: Int
    private let clock: any Clock<Duration>
    private let run: @Sendable ([Item]) async throws -> [Value]
    private var line: [Entry] = []
    private var room: [CheckedContinuation<Void, Never>] = []
    private var held = 0
    private var count = 0
    private var isRunning = false
    /// Ends the wait of the entry that has this number.
    private var timer: (number: Int, task: Task<Void, Never>)?
    /// The entries below this number have waited long enough.
    private var due = 0

    /// - Parameters:
    ///   - size: items of a run at most, 1 or more.
    ///   - wait: how long the first item of a run that is not full waits for more.
    ///   - run: one value an item, in order; an error is that of each of them. Cancelling a caller does not reach it.
    package init(size: Int, wait: Duration, capacity: Int? = nil, clock: any Clock<Duration> = ContinuousClock(), run: @escaping @Sendable ([Item]) async throws -> [Value]) {
        precondition(size > 0 && wait >= .zero, "a run has room for an item, and no negative wait")
        self.size = size
        self.wait = wait
        self.capacity = max(capacity ?? 4 * size, size)
        self.clock = clock
        self.run = run
    }

    /// - Throws: what the run threw, or `CancellationError` where the caller was cancelled before it had room.
    package func value(of item: Item) async throws -> Value {
        while held >= capacity {
            try Task.checkCancellation()
            await withCheckedContinuation { room.append($0) }
        }
        try Task.checkCancellation()
        held += 1
        return try await withCheckedThrowingContinuation { caller in
            line.append(Entry(number: count, item: item, caller: caller))
            count += 1
            begin()
        }
    }

    /// Starts a run if there is one to start, or sees to it that one will.
    private func begin() {
        guard !isRunning, let first = line.first else { return }
        guard line.count >= size || first.number < due || wait == .zero else { return setTimer(for: first.number) }
        timer?.task.cancel()
        timer = nil
        isRunning = true
        let entries = Array(line.prefix(size))
        line.removeFirst(entries.count)
        Task { await finish(entries) }
    }

    private func setTimer(for number: Int) {
        guard timer?.number != number else { return }
        timer?.task.cancel()
        timer = (number, Task { [clock, wait] in
            // Only a timer that was cancelled, since its batch was full before, does not sleep to the end.
            do { try await clock.sleep(for: wait) } catch { return }
            self.ring(for: number)
        })
    }

    private func ring(for number: Int) {
        due = max(due, number + 1)
        begin()
    }

    private func finish(_ entries: [Entry]) async {
        let result: Result<[Value], any Error>
        do { result = .success(try await run(entries.map(\.item))) } catch { result = .failure(error) }
        for (position, entry) in entries.enumerated() {
            switch result {
            case .success(let values) where position < values.count: entry.caller.resume(returning: values[position])
            case .success(let values): entry.caller.resume(throwing: FleetError(.internal, "a run over \(entries.count) items gave \(values.count) values"))
            case .failure(let error): entry.caller.resume(throwing: error)
            }
        }
        held -= entries.count
        let woken = room
        room = []
        woken.forEach { $0.resume() }
        isRunning = false
        begin()
    }
}
