import Fleet
import Logging
import Testing

struct FarewellTests {
    private static let quiet = Logger(label: "farewell") { _ in SwiftLogNoOpLogHandler() }

    @Test func theLastWordIsSaidAlsoByACancelledTask() async {
        let (said, word) = AsyncStream.makeStream(of: Bool.self)
        let ending = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await sayGoodbye("farewell.failed", within: .seconds(60), Self.quiet) { word.yield(Task.isCancelled) }
            word.finish()
        }
        await ending.value
        var words: [Bool] = []
        for await wasCancelled in said { words.append(wasCancelled) }
        #expect(words == [false])
    }

    @Test(.timeLimit(.minutes(1))) func nobodyIsWaitedForPastTheLimit() async {
        // Ends when this test does, and heeds no cancellation before.
        let (never, end) = AsyncStream.makeStream(of: Void.self)
        await sayGoodbye("farewell.failed", within: .milliseconds(20), Self.quiet) {
            await Task.detached { for await _ in never {} }.value
        }
        end.finish()
    }
}
