import ChatServerDouble
import Dispatch
import Foundation

// Prints its URL, serves until it is interrupted or terminated, and tells its counts at GET /double/report.
do {
    let arguments = try ProgramArguments(Array(CommandLine.arguments.dropFirst()))
    let server = try await ChatServerDouble.start(arguments.settings, host: arguments.host, port: arguments.port, threads: arguments.threads)
    print(server.url)
    fflush(nil)
    await Ending.signal()
    await server.stop()
} catch let error as ProgramArguments.Problem {
    FileHandle.standardError.write(Data((error.message + "\n").utf8))
    exit(2)
} catch {
    FileHandle.standardError.write(Data("chat-server-double: \(error)\n".utf8))
    exit(1)
}
