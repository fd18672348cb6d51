import Foundation
import Testing

/// How hard these tests strike: briefly with everything else, or with all they have under `scripts/chaos`.
enum Chaos {
    static let isWhole = variable("MVFLEET_CHAOS") == "1"
    /// Of whatever is drawn by chance: the same seed, the same blows.
    static let seed = variable("MVFLEET_CHAOS_SEED").flatMap { UInt64($0) } ?? 1
    /// How long the random mix and the held transaction last.
    static let minutes = variable("MVFLEET_CHAOS_MINUTES").flatMap { Double($0) } ?? 10

    /// With the time that a scenario waits for its turn.
    static let timeLimit = TimeLimitTrait.Duration.minutes(isWhole ? 360 : 10)

    static func size(_ fast: Int, whole: Int) -> Int { isWhole ? whole : fast }

    /// Programs of this package, as built beside the tests.
    static func program(_ name: String) -> String? {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return [own, variable("MVFLEET_TEST_BINARY") ?? ""].map { ($0 as NSString).deletingLastPathComponent + "/" + name }
            .first { access($0, X_OK) == 0 }
    }

    static let canRun = program("fleet-fault-role") != nil && variable("MVFLEET_TEST_LOCAL_SERVICES") != "0"
        && access("/usr/lib/rabbitmq/bin/rabbitmq-server", X_OK) == 0 && access("/usr/lib/postgresql", R_OK) == 0

    static let isRoot = geteuid() == 0

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}
