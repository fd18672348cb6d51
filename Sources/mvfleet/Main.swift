import ArgumentParser
import FleetModel
import Foundation
import Ledger

@main
struct MVFleet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mvfleet",
        abstract: "Builds music-video descriptions from music and video, with a fleet of workers.",
        discussion: """
            The whole job on one machine:
              mvfleet run ~/clips --output dataset

            The same with each role in its own process:
              mvfleet up; mvfleet migrate
              mvfleet ingest ~/clips --name clips
              mvfleet coordinator &
              mvfleet worker frames audio --slots 2 &
              mvfleet worker music-caption lyrics unified-caption mv-type frame-captions description &
              mvfleet submit clips --watch
              mvfleet export --job 1 --output dataset
            """,
        version: "mvfleet \(MVFleetVersion.current), ledger schema \(Ledger.schemaVersion)",
        groupedSubcommands: [
            CommandGroup(name: "One machine", subcommands: [RunCommand.self, AnalyzeCommand.self, SampleCommand.self, DescribeCommand.self, PredictCommand.self]),
            CommandGroup(name: "Servers", subcommands: [UpCommand.self, DownCommand.self, StatusCommand.self, MigrateCommand.self, DoctorCommand.self, BackupCommand.self, RestoreCommand.self, GCCommand.self]),
            CommandGroup(name: "Jobs", subcommands: [IngestCommand.self, PlanCommand.self, SubmitCommand.self, JobsCommand.self, JobCommand.self, FailuresCommand.self, ResultsCommand.self, ExportCommand.self]),
            CommandGroup(name: "Control", subcommands: [StageCommand.self, WorkersCommand.self, AuditCommand.self]),
            CommandGroup(name: "Roles", subcommands: [CoordinatorCommand.self, WorkerCommand.self, StagesCommand.self]),
            CommandGroup(name: "Language models", subcommands: [PromptsCommand.self, ModelCommand.self]),
            CommandGroup(name: "Measuring", subcommands: [BenchCommand.self]),
        ])


    static func main() async {
        // A worker starts this program again to decode media: before anything else is set up.
        if CommandLine.arguments.dropFirst().first == MediaChild.name {
            Foundation.exit(MediaChild.run(CommandLine.arguments.dropFirst(2)))
        }
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            if let code = error as? ExitCode { end(code.rawValue) }
            switch exitCode(for: error) {
            case .success: exit(withError: error)   // --help
            case .validationFailure: usage(error)
            default: break
            }
            if error is ValidationError { usage(error) }
            FileHandle.standardError.write(Data("mvfleet: \(ErrorText.describe(error))\n".utf8))
            end(1)
        }
        end(0)
    }

    /// Ends without the libraries' own endings: threads of connections may still be inside libpq or OpenSSL, whose destructors would pull the ground from under them.
    private static func end(_ status: Int32) -> Never {
        fflush(nil)
        _exit(status)
    }

    /// ArgumentParser's words, with the status that scripts know: 2.
    private static func usage(_ error: any Error) -> Never {
        FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
        end(2)
    }
}

extension ParsableArguments {
    /// Printed to standard output as one line of JSON, for scripts.
    static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }
}
