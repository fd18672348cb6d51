import Fleet
import Foundation
import Stages

/// What this program is when a worker starts it to decode media: requests in, answers out, nothing else.
enum MediaChild {
    static func run() -> Int32 {
        do {
            try ChildServer(handlers: ChildHandler.media + [ChildrenBench.Request.answering]).run()
            return 0
        } catch {
            FileHandle.standardError.write(Data("mvfleet media-child: \(error)\n".utf8))
            return 1
        }
    }
}
