import Dispatch
import Foundation
import Synchronization

/// SIGTERM and SIGINT as calls, while something runs.
enum Signals {
    /// - Parameter handle: called with 1 for the first signal, 2 for the second, and so on.
    static func withHandler<Value>(_ handle: @escaping @Sendable (Int) -> Void, _ body: () async throws -> Value) async throws -> Value {
        let counter = Counter()
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { handle(counter.next()) }
            source.activate()
            return source
        }
        defer {
            sources.forEach { $0.cancel() }
            [SIGTERM, SIGINT].forEach { signal($0, SIG_DFL) }
        }
        return try await body()
    }

    private final class Counter: Sendable {
        private let value = Mutex(0)

        func next() -> Int {
            value.withLock {
                $0 += 1
                return $0
            }
        }
    }
}
