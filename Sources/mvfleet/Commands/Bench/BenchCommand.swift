import ArgumentParser

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure the fleet on this machine.",
        discussion: "Each benchmark has databases and queues of its own, and leaves nothing behind.\n\nExample: mvfleet bench fleet --json",
        subcommands: [ChatBench.self, ChildrenBench.self, FleetBench.self, LanesBench.self, ModelBenchCommand.self, PlanBench.self])
}
