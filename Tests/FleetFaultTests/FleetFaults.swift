import Testing

/// The fleet under fire. Each test is a fault, done to real processes and real servers, and the promise afterwards.
///
/// The brief part of it runs with all tests; `scripts/chaos` runs the whole.
@Suite(.enabled(if: Chaos.canRun, "private RabbitMQ and PostgreSQL can run here, and fleet-fault-role is built"))
struct FleetFaults {
    /// Their servers come to no harm, and so these share a pair of them.
    @Suite(.privateServers) struct OnSharedServers {}

    /// One after the other: each does something to the servers that the others would feel.
    @Suite(.privateServers, .serialized) struct OnServersThatSuffer {}
}

extension Tag {
    /// Too long for every day.
    @Tag static var chaos: Self
}
