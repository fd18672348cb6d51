import ArgumentParser

@main
struct MVFleet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "mvfleet", abstract: "Builds music-video descriptions from music, with a fleet of workers.")
}
