import Synchronization

/// Counts and collects from anywhere.
final class Counter: Sendable {
    private let state = Mutex(0)

    var value: Int { state.withLock { $0 } }

    func add(_ count: Int = 1) { state.withLock { $0 += count } }
}

final class Collected<Element: Sendable>: Sendable {
    private let state = Mutex<[Element]>([])

    var all: [Element] { state.withLock { $0 } }

    func append(_ element: Element) { state.withLock { $0.append(element) } }

    func removeAll() { state.withLock { $0.removeAll() } }
}
