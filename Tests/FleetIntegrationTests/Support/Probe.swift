import Fleet
import FleetModel
import Synchronization

/// What a test's stages do with a clip, and a record of what they did.
final class Probe: Sendable {
    struct Run: Hashable, Sendable {
        /// The stage's name without the test's own suffix.
        var role: String
        var clip: String
    }

    typealias Behaviour = @Sendable (Run, _ earlierRuns: Int) async -> Outcome<Void>

    private struct State {
        var runs: [Run: Int] = [:]
        /// In order of their starts.
        var log: [Run] = []
        var running = 0
        var neverAlone: Set<Run> = []
    }

    private let behaviour: Behaviour
    private let state = Mutex(State())

    init(_ behaviour: @escaping Behaviour) {
        self.behaviour = behaviour
    }

    var total: Int { @inline(never) get { state.withLock { $0.log.count } } }
    var runs: [Run: Int] { @inline(never) get { state.withLock { $0.runs } } }
    var log: [Run] { @inline(never) get { state.withLock { $0.log } } }
    var running: Int { @inline(never) get { state.withLock { $0.running } } }
    /// Runs beside which another was going on at any time.
    var accompanied: Set<Run> { @inline(never) get { state.withLock { $0.neverAlone } } }

    func perform(_ run: Run) async -> Outcome<Void> {
        let earlier = begin(run)
        defer { end(run) }
        return await behaviour(run, earlier)
    }

    /// Not inlined, as in ``DrainSignal``: a lock must not be taken in an async function's own frame.
    @inline(never)
    private func begin(_ run: Run) -> Int {
        state.withLock { state in
            let earlier = state.runs[run, default: 0]
            state.runs[run] = earlier + 1
            state.log.append(run)
            state.running += 1
            if state.running > 1 { state.neverAlone.insert(run) }
            return earlier
        }
    }

    @inline(never)
    private func end(_ run: Run) {
        state.withLock { state in
            if state.running > 1 { state.neverAlone.insert(run) }
            state.running -= 1
        }
    }
}

/// Which test a stage works for: part of every stage's name, so that tests which run side by side share no queue.
struct TestScope: Sendable {
    @TaskLocal static var current = TestScope(name: "none")
    private static let probes = Mutex<[String: Probe]>([:])

    var name: String
    var batch = 16
    var timeLimit: Duration = .seconds(30)
    var retry = RetryPolicy(attempts: 3, base: .milliseconds(40), ceiling: .milliseconds(40))

    func stage(_ role: String) -> StageName {
        guard let name = StageName(rawValue: "\(role)-\(name)") else { preconditionFailure("a role is a short word") }
        return name
    }

    /// Stages are made by workers from settings alone: they find their test's probe here.
    @inline(never)
    static func probe(of scope: String) -> Probe? { probes.withLock { $0[scope] } }
    @inline(never)
    static func set(_ probe: Probe?, of scope: String) { probes.withLock { $0[scope] = probe } }
}
