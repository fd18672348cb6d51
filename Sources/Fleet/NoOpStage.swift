import FleetModel

/// The recipe `{"no_op":{"work_ms":0}}`, which any stage accepts: no media, no output, only the way through the fleet.
/// Benchmarks and fault tests use it to load brokers and ledger without the cost of the work.
public struct NoOpSettings: Codable, Sendable, Hashable {
    struct Work: Codable, Hashable { var work_ms: Int }
    private var no_op: Work

    public init(work: Duration = .zero) {
        let (seconds, attoseconds) = work.components
        no_op = Work(work_ms: Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }

    /// - Returns: nil when the settings are a real recipe's.
    package init?(settings: String) {
        guard settings.hasPrefix("{\"no_op\":"), let value = try? CanonicalJSON.decode(NoOpSettings.self, from: settings) else { return nil }
        self = value
    }

    /// Canonical JSON.
    public var canonical: String { "{\"no_op\":{\"work_ms\":\(no_op.work_ms)}}" }

    /// How long each batch is held.
    public var work: Duration { .milliseconds(no_op.work_ms) }
}

struct NoOpStage: RunnableStage {
    let work: Duration

    func run(_ claims: [Claim], context: StageContext) async -> [Outcome<String>] {
        if work > .zero {
            do {
                // Stands for work.
                try await Task.sleep(for: work)
            } catch {
                return claims.map { _ in .deferred(by: .zero, reason: "the worker stopped") }
            }
        }
        return claims.map { _ in .completed("{}") }
    }
}
