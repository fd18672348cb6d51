import ArgumentParser

struct ModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "What a directory with the paper's model holds, and whether it computes what the reference did.",
        discussion: "Examples:\n  mvfleet model inspect ~/models/mv\n  mvfleet model verify ~/models/tiny",
        subcommands: [ModelInspectCommand.self, ModelVerifyCommand.self])
}
