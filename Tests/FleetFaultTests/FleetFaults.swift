import Testing

/// The fleet under fire. Each test is a fault, done to real processes and real servers, and the promise afterwards.
///
/// The brief part of it runs with all tests; `scripts/chaos` runs the whole.
@Suite(.enabled(if: Chaos.canRun, "private RabbitMQ and PostgreSQL can run here, and fleet-fault-role is built"))
struct FleetFaults {}

extension Tag {
    /// Too long for every day.
    @Tag static var chaos: Self
}
