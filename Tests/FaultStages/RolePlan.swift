import Fleet
import FleetModel

/// What a process of the fault tests is, as it finds it in its environment.
package enum RolePlan: Codable, Sendable {
    case worker(WorkerPlan)
    case coordinator(CoordinatorPlan)
    case relay(RelayPlan)

    package var scope: FaultScope? {
        switch self {
        case .worker(let plan): plan.scope
        case .coordinator(let plan): plan.scope
        case .relay: nil
        }
    }
}

package struct WorkerPlan: Codable, Sendable {
    package var scope: FaultScope
    package var stages = FaultRole.allCases
    package var slots = 2
    package var leaseMilliseconds = 8_000
    package var heartbeatMilliseconds = 300
    package var graceMilliseconds = 20_000
    package var slackMilliseconds = 5_000
    package var executions = ""
    package var blobs = "/nonexistent"
    package var fault: ProcessFault?
    /// Whether it knows the migration that comes after all of this program's own.
    package var knowsNextMigration = false

    package init(scope: FaultScope) { self.scope = scope }
}

package struct CoordinatorPlan: Codable, Sendable {
    package var scope: FaultScope
    package var leaseMilliseconds = 2_000

    package init(scope: FaultScope) { self.scope = scope }
}

/// Ends or stops its own process at an exact place.
package struct ProcessFault: Codable, Sendable {
    package enum Kind: String, Codable, Sendable { case kill, stop }

    package var point: FaultPoint
    /// At which passage, from 1.
    package var passage: Int
    package var kind: Kind

    package init(_ kind: Kind, at point: FaultPoint, passage: Int = 1) {
        self.point = point
        self.passage = passage
        self.kind = kind
    }
}

/// A network of two ends, with loss and delay.
package struct RelayPlan: Codable, Sendable {
    /// Names of its two devices.
    package var devices: [String]
    package var lossPerMille: Int
    package var delayMilliseconds: Int
    package var seed: UInt64

    package init(devices: [String], lossPerMille: Int, delayMilliseconds: Int, seed: UInt64) {
        self.devices = devices
        self.lossPerMille = lossPerMille
        self.delayMilliseconds = delayMilliseconds
        self.seed = seed
    }
}
