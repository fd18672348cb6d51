import Fleet
import FleetModel

/// A place in the test graph `root → left, right → join`.
protocol ProbeRole: Sendable {
    static var name: String { get }
    static var requires: [String] { get }
}

enum Root: ProbeRole {
    static let name = "root"
    static let requires: [String] = []
}

enum Left: ProbeRole {
    static let name = "left"
    static let requires = ["root"]
}

enum Right: ProbeRole {
    static let name = "right"
    static let requires = ["root"]
}

enum Join: ProbeRole {
    static let name = "join"
    static let requires = ["left", "right"]
}

/// Does what the test's ``Probe`` says, and writes down the way that its input came.
struct ProbeStage<Role: ProbeRole>: Stage {
    struct Settings: Codable, Sendable {
        var scope: String
    }

    struct Input: Sendable {
        var run: Probe.Run
        var upstream: [String]
    }

    static var descriptor: StageDescriptor {
        let scope = TestScope.current
        return StageDescriptor(name: scope.stage(Role.name), version: 1, requires: Role.requires.map { scope.stage($0) }, reads: Role.requires.isEmpty ? [.audio] : [],
                               slots: 2, batch: scope.batch, timeLimit: scope.timeLimit, retry: scope.retry)
    }
    static var defaultSettings: Settings { Settings(scope: TestScope.current.name) }

    private let scope: TestScope
    private let probe: Probe

    init(settings: Settings, environment: StageEnvironment) throws {
        scope = TestScope(name: settings.scope)
        guard let probe = TestScope.probe(of: settings.scope) else { throw FleetError("test.over", "the test '\(settings.scope)' has ended") }
        self.probe = probe
    }

    func input(of task: StageTask) throws -> Input {
        Input(run: Probe.Run(role: Role.name, clip: task.clip.id), upstream: try Role.requires.map { try task.upstream(scope.stage($0), as: String.self) })
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<String>] {
        var outcomes: [Outcome<String>] = []
        for input in inputs {
            outcomes.append(await probe.perform(input.run).map { _ in "\(Role.name)(\((input.upstream + (input.upstream.isEmpty ? [input.run.clip] : [])).joined(separator: ",")))" })
        }
        return outcomes
    }
}
