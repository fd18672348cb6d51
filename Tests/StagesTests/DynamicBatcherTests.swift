import Stages
import Synchronization
import Testing

struct DynamicBatcherTests {
    /// A time that goes on when it is told to.
    private final class ManualClock: Clock {
        struct Instant: InstantProtocol {
            var offset: Duration
            func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
            func duration(to other: Instant) -> Duration { other.offset - offset }
            static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
        }

        private struct State {
            var sleepers: [CheckedContinuation<Void, Never>] = []
            var watcher: CheckedContinuation<Void, Never>?
        }

        private let state = Mutex(State())
        let now = Instant(offset: .zero)
        let minimumResolution = Duration.nanoseconds(1)

        func sleep(until deadline: Instant, tolerance: Duration?) async throws {
            await withCheckedContinuation { add($0) }
        }

        @inline(never) private func add(_ sleeper: CheckedContinuation<Void, Never>) {
            let watcher = state.withLock { state in
                state.sleepers.append(sleeper)
                defer { state.watcher = nil }
                return state.watcher
            }
            watcher?.resume()
        }

        /// Until somebody sleeps.
        func sleeper() async {
            await withCheckedContinuation { watch($0) }
        }

        @inline(never) private func watch(_ watcher: CheckedContinuation<Void, Never>) {
            let isThere = state.withLock { state in
                if state.sleepers.isEmpty { state.watcher = watcher }
                return !state.sleepers.isEmpty
            }
            if isThere { watcher.resume() }
        }

        @inline(never) func ring() {
            let woken = state.withLock { state in
                defer { state.sleepers = [] }
                return state.sleepers
            }
            woken.forEach { $0.resume() }
        }
    }

    /// What the runs were given.
    private final class Log: Sendable {
        private let runs = Mutex<[[Int]]>([])
        @inline(never) func add(_ run: [Int]) { runs.withLock { $0.append(run) } }
        @inline(never) func all() -> [[Int]] { runs.withLock { $0 } }
    }

    private func values(_ batcher: DynamicBatcher<Int, Int>, _ items: Range<Int>) async throws -> [Int] {
        try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for item in items { group.addTask { (item, try await batcher.value(of: item)) } }
            return try await group.reduce(into: [Int](repeating: -1, count: items.count)) { $0[$1.0 - items.lowerBound] = $1.1 }
        }
    }

    @Test func `a full run waits for nobody, and each caller has its own value`() async throws {
        let log = Log()
        // Nobody rings this clock: only full runs begin.
        let batcher = DynamicBatcher<Int, Int>(size: 4, wait: .seconds(3_600), clock: ManualClock()) { items in
            log.add(items)
            return items.map { $0 * 10 }
        }
        #expect(try await values(batcher, 0..<12) == (0..<12).map { $0 * 10 })
        #expect(log.all().map(\.count) == [4, 4, 4])
    }

    @Test func `a run that is not full begins when its first item has waited long enough`() async throws {
        let clock = ManualClock(), log = Log()
        let batcher = DynamicBatcher<Int, Int>(size: 4, wait: .milliseconds(20), clock: clock) { items in
            log.add(items)
            return items
        }
        async let first = batcher.value(of: 1)
        await clock.sleeper()
        #expect(log.all().isEmpty)
        clock.ring()
        #expect(try await first == 1)
        #expect(log.all() == [[1]])
    }

    @Test func `what comes during a run forms the next ones, and no more is held than there is room for`() async throws {
        let log = Log()
        let batcher = DynamicBatcher<Int, Int>(size: 3, wait: .zero, capacity: 5) { items in
            log.add(items)
            await Task.yield()
            return items
        }
        #expect(try await values(batcher, 0..<40) == Array(0..<40))
        #expect(log.all().allSatisfy { $0.count <= 3 } && log.all().joined().count == 40)
    }

    @Test func `an error is that of each item of its run, and of no other`() async throws {
        struct Fault: Error {}
        let batcher = DynamicBatcher<Int, Int>(size: 1, wait: .zero) { items in
            if items.contains(7) { throw Fault() }
            return items
        }
        await #expect(throws: Fault.self) { _ = try await batcher.value(of: 7) }
        #expect(try await batcher.value(of: 8) == 8)
    }
}
