import Stages
import Synchronization
import Testing

struct ModelSeatTests {
    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        @inline(never) func add(_ line: String) { lines.withLock { $0.append(line) } }
        @inline(never) func all() -> [String] { lines.withLock { $0 } }
    }

    private struct Fault: Error {}

    @Test func `a model is loaded once, however many ask for it at a time`() async throws {
        let log = Log()
        let seat = ModelSeat<String, String> { key in
            log.add("load \(key)")
            await Task.yield()
            return key.uppercased()
        }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await seat.with("a") { $0 } } }
            for try await model in group { #expect(model == "A") }
        }
        #expect(log.all() == ["load a"])
    }

    @Test func `another model comes when nobody uses the one before, and never beside it`() async throws {
        let log = Log()
        let seat = ModelSeat<String, String>(load: { key in
            log.add("load \(key)")
            return key
        }, unload: { log.add("unload \($0)") })
        let (began, begin) = AsyncStream.makeStream(of: Void.self), (ends, end) = AsyncStream.makeStream(of: Void.self)
        async let first: Void = seat.with("a") { _ in
            begin.yield()
            for await _ in ends { break }
        }
        for await _ in began { break }
        async let second: Void = seat.with("b") { _ in log.add("b") }
        #expect(log.all() == ["load a"])
        end.yield()
        _ = try await (first, second)
        #expect(log.all() == ["load a", "unload a", "load b", "b"])
        await seat.close()
        #expect(log.all().last == "unload b")
    }

    @Test func `a load that fails is the error of those who waited, and the next tries again`() async throws {
        let log = Log()
        let seat = ModelSeat<String, String> { key in
            log.add(key)
            if log.all().count == 1 { throw Fault() }
            return key
        }
        await #expect(throws: Fault.self) { try await seat.with("a") { _ in } }
        #expect(try await seat.with("a") { $0 } == "a")
    }

    @Test func `after its end a seat refuses`() async throws {
        let seat = ModelSeat<String, String> { $0 }
        await seat.close()
        await #expect(throws: CancellationError.self) { try await seat.with("a") { _ in } }
    }
}
