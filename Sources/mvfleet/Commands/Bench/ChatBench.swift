import ArgumentParser
import ChatCompletions
import Fleet
import FleetModel
import Foundation
import NIOCore
import Synchronization

struct ChatBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat", abstract: "What a request to a chat-completions server costs this process.",
        discussion: """
            Keeps --in-flight requests under way for --seconds. What writing the bodies alone takes (base64 and JSON) is measured beside it, without sending. The server should be
            a process of its own, such as the tests' double.

            Example:
              swift run -c release chat-server-double --port 8990 --latency 200 &
              mvfleet bench chat http://127.0.0.1:8990/v1 --images 15
            """)

    @Argument(help: "The server, up to and with /v1.") var url: String
    @Option(help: "Requests under way at once.") var inFlight = 256
    @Option(help: "How long.") var seconds = 5
    @Option(help: "Pictures in a request.") var images = 0
    @Option(help: "Bytes of a picture.") var imageBytes = 20_000
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if !(1...10_000).contains(inFlight) { throw ValidationError("--in-flight is \(inFlight): give 1 to 10,000") }
        if !(1...3600).contains(seconds) { throw ValidationError("--seconds is \(seconds): give 1 to 3,600") }
        if !(0...120).contains(images) { throw ValidationError("--images is \(images): give 0 to 120") }
        if !(1...10_000_000).contains(imageBytes) { throw ValidationError("--image-bytes is \(imageBytes): give 1 to 10,000,000") }
    }

    private struct Result: Encodable {
        var requests: Int
        var failed: Int
        var requests_per_second: Double
        var cpu_us_per_request: Double
        /// Of it, what writing the body takes by itself.
        var body_us_per_request: Double
        var cpu_share_of_a_core: Double
        var peak_memory_mb: Double
    }

    func run() async throws {
        let endpoint = Endpoint(name: "bench", baseURL: url, key: ProcessInfo.processInfo.environment["OPENAI_API_KEY"].map { APIKey($0) })
        var options = ChatClientOptions()
        options.retries.maximumRetries = 0
        let client: ChatClient
        do throws(ChatError) { client = try ChatClient(endpoints: [endpoint], options: options) } catch { throw FleetError(error) }
        let picture = (0..<imageBytes).map { UInt8(truncatingIfNeeded: $0 &* 73) }
        // One request before anything is measured: connections, and whether the server is there at all.
        do throws(ChatError) { _ = try await client.complete(request(0, picture), deadline: .seconds(30)) } catch {
            await client.shutdown()
            throw FleetError(error)
        }
        let tally = Tally()
        let before = ProcessUsage.ofThisProcess, start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<inFlight {
                group.addTask {
                    var number = lane + 1
                    while start.duration(to: .now) < .seconds(seconds) {
                        do { _ = try await client.complete(request(number, picture), deadline: .seconds(60)) } catch { tally.failed.add(1, ordering: .relaxed) }
                        tally.done.add(1, ordering: .relaxed)
                        number += inFlight
                    }
                }
            }
        }
        let wall = start.duration(to: .now) / .seconds(1), used = (ProcessUsage.ofThisProcess - before).cpuSeconds
        let done = tally.done.load(ordering: .relaxed), peak = ProcessUsage.peakResidentBytes
        await client.shutdown()

        let writing = ProcessUsage.ofThisProcess, bodies = 500
        for number in 0..<bodies {
            for try await piece in try request(number, picture).body(for: endpoint, streaming: false) { precondition(piece.readableBytes > 0) }
        }
        let body = (ProcessUsage.ofThisProcess - writing).cpuSeconds / Double(bodies)
        func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }
        let result = Result(requests: done, failed: tally.failed.load(ordering: .relaxed), requests_per_second: rounded(Double(done) / wall), cpu_us_per_request: rounded(used * 1e6 / Double(max(done, 1))),
                            body_us_per_request: rounded(body * 1e6), cpu_share_of_a_core: (used / wall * 1000).rounded() / 1000, peak_memory_mb: rounded(Double(peak) / 1e6))
        if json { return try Self.printJSON(result) }
        print("""
            \(result.requests.grouped) requests, \(result.failed) failed, \(inFlight) at once with \(images) pictures of \(imageBytes.grouped) bytes: \(result.requests_per_second) a second
            CPU: \(result.cpu_us_per_request) µs a request, of it \(result.body_us_per_request) µs for writing the body; \((result.cpu_share_of_a_core * 1000).rounded() / 10) % of a core
            peak memory: \(result.peak_memory_mb) MB
            """)
    }

    private final class Tally: Sendable {
        let done = Atomic(0)
        let failed = Atomic(0)
    }

    private func request(_ number: Int, _ picture: [UInt8]) -> ChatRequest {
        let pictures = (0..<images).map { index in
            ChatMessage.Part.image(ChatMedia(sha256: "\(index)", mediaType: "image/jpeg", byteCount: picture.count, width: 320, height: 180) { picture }, detail: .low)
        }
        return ChatRequest(model: "gpt-4o-mini", messages: [ChatMessage(.system, [.text("You describe music videos in few words.")]), ChatMessage(.user, [.text("Request \(number)")] + pictures)],
                           maximumAnswerTokens: 300)
    }
}
