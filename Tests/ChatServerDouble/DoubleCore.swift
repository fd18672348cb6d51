import NIOCore
import Synchronization

/// All that a server double knows, shared by its connections.
final class DoubleCore: Sendable {
    struct State {
        var settings: DoubleSettings
        var counts = DoubleCounts()
        var bodies: [Int: (attempts: Int, isAnswered: Bool)] = [:]
        var limits: [String: (requests: RateLimit?, tokens: RateLimit?)] = [:]
        var files: [String: StoredFile] = [:]
        var batches: [StoredBatch] = []
        var lastID = 0
        var waiters: [(condition: @Sendable (DoubleCounts) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

        mutating func nextID(_ kind: String) -> String {
            lastID += 1
            return kind + String(lastID)
        }
    }

    private let state: Mutex<State>

    init(_ settings: DoubleSettings) { state = Mutex(State(settings: settings)) }

    /// Works on the state, and wakes who waits for what has become of the counts.
    func with<Value: Sendable>(_ work: (inout sending State) -> sending Value) -> Value {
        let (value, woken): (Value, [CheckedContinuation<Void, Never>]) = state.withLock { state in
            let value = work(&state)
            guard !state.waiters.isEmpty else { return (value, []) }
            let counts = state.counts
            let woken = state.waiters.filter { $0.condition(counts) }.map(\.continuation)
            if !woken.isEmpty { state.waiters.removeAll { $0.condition(counts) } }
            return (value, woken)
        }
        for continuation in woken { continuation.resume() }
        return value
    }

    var counts: DoubleCounts { with { $0.counts } }
    var settings: DoubleSettings { with { $0.settings } }
    var fileIDs: [String] { with { $0.files.keys.sorted() } }

    func change(_ change: @Sendable (inout DoubleSettings) -> Void) {
        with {
            change(&$0.settings)
            $0.limits = [:]
        }
    }

    func connected() { with { $0.counts.connections += 1 } }

    func wait(until condition: @escaping @Sendable (DoubleCounts) -> Bool, _ continuation: CheckedContinuation<Void, Never>) {
        with { $0.waiters.append((condition, continuation)) }
    }

    func reset() {
        with {
            $0.counts = DoubleCounts()
            $0.bodies = [:]
            $0.limits = [:]
            $0.files = [:]
            $0.batches = []
        }
    }

    func answer(_ request: DoubleRequest) -> DoubleReply {
        var path = request.path
        if path.hasPrefix("/v1/") { path.removeFirst(3) }
        let parts = path.split(separator: "/").map(String.init)
        guard parts.first != "double" else { return control(parts) }
        let keys = settings.keys
        guard keys.isEmpty || keys.contains(request.key) else {
            return .error(401, type: "invalid_request_error", code: "invalid_api_key", "Incorrect API key provided: \(request.key). You can find your API key in your settings.")
        }
        switch (request.method, parts.first, parts.count) {
        case ("POST", "chat", 2) where parts[1] == "completions": return complete(request)
        case ("POST", "completions", 1): return completeEmbeddings(request)
        case ("GET", "models", 1):
            return .json(200, .object(["object": "list", "data": .array(settings.models.map {
                .object(["id": .string($0), "object": "model", "created": 1_700_000_000, "owned_by": "double"])
            })]))
        case (_, "files", _): return files(request, parts)
        case (_, "batches", _): return batches(request, parts)
        default: return .error(404, type: "invalid_request_error", code: "unknown_url", "Unknown request URL: \(request.method) \(request.path).")
        }
    }

    /// For programs that have the double in a process of its own.
    private func control(_ parts: [String]) -> DoubleReply {
        switch parts.last {
        case "report": return .json(200, counts.json)
        case "reset":
            reset()
            return .json(200, .object([:]))
        default: return .error(404, type: "invalid_request_error", code: "unknown_url", "no such report")
        }
    }
}
