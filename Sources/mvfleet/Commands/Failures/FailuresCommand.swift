import ArgumentParser

struct FailuresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failures", abstract: "List, show, retry or discard tasks that failed for good, by filter.",
        discussion: """
            A failure is retryable (for a passing reason, and its attempts are used up), permanent (the same input fails the same), or poison (in quarantine: it killed
            its workers or ran past its limits again and again). Filtered clips are no failures; 'failures list --class filtered' lists them.

            Examples:
              mvfleet failures
              mvfleet failures show --code video.no_stream --since 2h
              mvfleet failures show --clip 0a1b2c3d4e5f6a7b
              mvfleet failures retry --stage frames --class retryable --dry-run
              mvfleet failures discard --job 12 --code video.no_stream
            """,
        subcommands: [FailuresListCommand.self, FailuresShowCommand.self, FailuresRetryCommand.self, FailuresDiscardCommand.self, FailuresRestoreCommand.self],
        defaultSubcommand: FailuresListCommand.self)
}
