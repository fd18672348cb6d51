import Fleet
import FleetModel

/// Whose stages these are and how they are run: part of every stage's name, so that scenarios which share servers share no queue.
package struct FaultScope: Codable, Sendable {
    @TaskLocal package static var current = FaultScope(name: "none")

    /// Lower-case letters and digits, at most 12.
    package var name: String
    /// Of all stages. The next version of a fleet has queues and outputs of its own.
    package var version = 1
    package var batch = 16
    package var timeLimitMilliseconds = 30_000
    package var attempts = 3
    /// Whether the work counts as done in children, so that a worker's death is never held against a task.
    package var isIsolated = false

    package init(name: String) { self.name = name }

    package func stage(_ role: FaultRole) -> StageName {
        guard let stage = StageName(rawValue: "\(role.rawValue)-\(name)") else { preconditionFailure("a scope's name is a short word") }
        return stage
    }

    /// What the output of `role` is for a clip on which nothing went wrong, with or without faults.
    package func output(of role: FaultRole, clip: String) -> String {
        let inner = role.requires.isEmpty ? clip : role.requires.map { output(of: $0, clip: clip) }.joined(separator: ",")
        return "\(role.rawValue)\(version)(\(inner))"
    }

    /// The stages of this scope, to be used inside of ``within(_:)``.
    package func catalogue() throws -> StageCatalogue {
        try FaultScope.$current.withValue(self) {
            try StageCatalogue([
                StageEntry(FaultStage<Root>.self), StageEntry(FaultStage<Left>.self), StageEntry(FaultStage<Right>.self), StageEntry(FaultStage<Join>.self),
            ])
        }
    }
}

/// A place in the graph `root → left, right → join`.
package enum FaultRole: String, CaseIterable, Codable, Sendable {
    case root, left, right, join

    package var requires: [FaultRole] {
        switch self {
        case .root: []
        case .left, .right: [.root]
        case .join: [.left, .right]
        }
    }
}

protocol FaultPlace: Sendable { static var role: FaultRole { get } }
enum Root: FaultPlace { static let role = FaultRole.root }
enum Left: FaultPlace { static let role = FaultRole.left }
enum Right: FaultPlace { static let role = FaultRole.right }
enum Join: FaultPlace { static let role = FaultRole.join }
