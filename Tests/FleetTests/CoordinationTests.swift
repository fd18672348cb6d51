import Fleet
import Testing

@Suite(.timeLimit(.minutes(1)))
struct DrainSignalTests {
    private struct Fault: Error {}

    @Test func `without a drain the value comes through, and so does the error`() async throws {
        let signal = DrainSignal()
        #expect(try await signal.unlessDraining { 7 } == 7)
        await #expect(throws: Fault.self) { try await signal.unlessDraining { throw Fault() } }
        #expect(!signal.isDraining)
    }

    @Test func `a drain ends every wait for work, now and later`() async throws {
        let signal = DrainSignal()
        let waits = (0..<5).map { _ in Task { try await signal.unlessDraining { try await Task.sleep(for: .seconds(600)) } == nil } }
        let watcher = Task { await signal.waitUntilDraining() }
        signal.drain()
        for wait in waits { #expect(try await wait.value) }
        await watcher.value
        #expect(try await signal.unlessDraining { try await Task.sleep(for: .seconds(600)) } == nil)
        #expect(signal.isDraining)
        signal.drain()
    }

    @Test func `cancellation is no drain`() async throws {
        let signal = DrainSignal()
        let wait = Task { try await signal.unlessDraining { try await Task.sleep(for: .seconds(600)) } }
        wait.cancel()
        await #expect(throws: CancellationError.self) { try await wait.value }
        let watcher = Task { await signal.waitUntilDraining() }
        watcher.cancel()
        await watcher.value
        #expect(!signal.isDraining)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct SlotsTests {
    @Test func `so many are inside at once, and everybody comes to their turn`() async {
        let slots = Slots(3)
        let tally = Tally()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    await slots.take()
                    tally.enter()
                    await Task.yield()
                    tally.leave()
                    await slots.give()
                }
            }
        }
        #expect(tally.entries == 200)
        #expect(tally.most <= 3)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct TimeLimitTests {
    /// Work that heeds nothing until it is let go.
    private struct DeafWork: Sendable {
        private let stream: AsyncStream<Never>
        private let continuation: AsyncStream<Never>.Continuation

        init() { (stream, continuation) = AsyncStream.makeStream(of: Never.self) }

        func run() async {
            await Task.detached { [stream] in for await _ in stream {} }.value
        }

        func end() { continuation.finish() }
    }

    @Test func `an answer in time is the answer`() async {
        #expect(await withTimeLimit(.seconds(600)) { 7 } == 7)
    }

    @Test func `work that sleeps past its limit is cancelled`() async {
        let (ends, continuation) = AsyncStream.makeStream(of: Bool.self)
        let answer: Int? = await withTimeLimit(.milliseconds(20)) {
            try? await Task.sleep(for: .seconds(600))
            continuation.yield(Task.isCancelled)
            return 7
        }
        #expect(answer == nil)
        #expect(await ends.first { _ in true } == true)
    }

    @Test func `work that heeds nothing does not hold its caller`() async {
        let work = DeafWork()
        let answer: Int? = await withTimeLimit(.milliseconds(20)) {
            await work.run()
            return 7
        }
        #expect(answer == nil)
        work.end()
    }

    @Test func `a cancelled caller does not wait for it either`() async {
        let work = DeafWork()
        let caller = Task {
            await withTimeLimit(.seconds(600)) { () -> Int in
                await work.run()
                return 7
            }
        }
        caller.cancel()
        #expect(await caller.value == nil)
        work.end()
    }
}

@Suite(.timeLimit(.minutes(1)))
struct WakeSignalTests {
    @Test func `a signal before the wait counts, once`() async {
        let signal = WakeSignal()
        await signal.signal()
        await signal.signal()
        await signal.wait(atMost: .seconds(600))
        // The second wait has nothing to end it but its limit.
        await signal.wait(atMost: .milliseconds(10))
    }

    @Test func `a signal ends the wait`() async {
        let signal = WakeSignal()
        let wait = Task { await signal.wait(atMost: .seconds(600)) }
        await signal.signal()
        await wait.value
    }

    @Test func `cancellation ends the wait`() async {
        let signal = WakeSignal()
        let wait = Task { await signal.wait(atMost: .seconds(600)) }
        wait.cancel()
        await wait.value
    }
}
