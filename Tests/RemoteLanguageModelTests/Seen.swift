import ChatServerDouble
import Synchronization

/// The requests that a server has seen.
final class Seen: Sendable {
    private let requests = Mutex<[CompletionRequest]>([])

    func append(_ request: CompletionRequest) { requests.withLock { $0.append(request) } }
    var all: [CompletionRequest] { requests.withLock { $0 } }
}
