import ArgumentParser

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure the fleet on this machine's servers.",
        discussion: "Each benchmark has databases and queues of its own, and leaves nothing behind.\n\nExample: mvfleet bench fleet --json",
        subcommands: [FleetBench.self, PlanBench.self])
}
