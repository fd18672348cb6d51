import Logging
import RabbitMQ
import Synchronization

/// Notices a subscription that has gone deaf: it waits, its queue holds messages, and nothing comes.
///
/// RabbitMQ 3.10 does this when a queue is deleted and declared again before the consumer's channel has heard of the deletion: the channel subscribes to
/// the new queue by itself, sends no cancellation, and then forgets the queue. Only a new channel helps.
final class SubscriptionWatch: Sendable {
    private let subscription: Subscription
    private let connection: ConsumerConnection
    private let deafAfter: Duration
    private let logger: Logger
    /// Since when the worker has been waiting for messages; nil while it works.
    private let waitingSince = Mutex<ContinuousClock.Instant?>(nil)

    init(_ subscription: Subscription, on connection: ConsumerConnection, deafAfter: Duration, logger: Logger) {
        self.subscription = subscription
        self.connection = connection
        self.deafAfter = deafAfter
        self.logger = logger
    }

    /// Never inlined, for ``DrainSignal``'s reason.
    private var waiting: ContinuousClock.Instant? {
        @inline(never) get { waitingSince.withLock { $0 } }
    }

    @inline(never)
    private func beginWait() { waitingSince.withLock { $0 = .now } }

    @inline(never)
    private func endWait() { waitingSince.withLock { $0 = nil } }

    /// Counts the wait anew, if there is one.
    @inline(never)
    private func restartWait() {
        waitingSince.withLock { if $0 != nil { $0 = .now } }
    }

    /// Watches while `body` runs.
    func during(_ body: () async throws -> Void) async throws {
        let watching = Task { await watch() }
        defer { watching.cancel() }
        try await body()
    }

    /// Marks the time in which messages are waited for.
    func listening<Value: Sendable>(_ wait: () async throws -> Value) async throws -> Value {
        beginWait()
        defer { endWait() }
        return try await wait()
    }

    private func watch() async {
        while !Task.isCancelled {
            do {
                // Silence is found by the clock alone.
                try await Task.sleep(for: deafAfter / 2)
                guard let since = waiting, ContinuousClock.now - since >= deafAfter,
                      try await connection.status(ofQueue: subscription.queue).ready > 0 else { continue }
                // Still the same wait: what is in the queue should long have come.
                guard waiting == since else { continue }
                logger.warning("worker.subscription_deaf", metadata: ["queue": "\(subscription.queue)"])
                await subscription.pause()
                await subscription.resume()
                restartWait()
            } catch is CancellationError {
                return
            } catch {
                // A connection that is lost opens itself again, subscriptions and all.
                logger.debug("worker.watch_failed", metadata: ["error": "\(error)"])
            }
        }
    }
}
