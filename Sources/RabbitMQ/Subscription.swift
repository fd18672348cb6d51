/// A handle on one queue's deliveries. It outlives reconnections; what it gives after one has new tags.
public struct Subscription: Sendable {
    public let queue: String
    package let id: Int
    private let connection: ConsumerConnection

    init(queue: String, id: Int, connection: ConsumerConnection) {
        self.queue = queue
        self.id = id
        self.connection = connection
    }

    /// Waits until something has arrived and takes it, at most `max` deliveries. Several may wait; the first comes first.
    ///
    /// - Throws: `CancellationError` when the task is cancelled, ``RabbitMQError`` `rabbitmq.closed` when the connection or the subscription is closed.
    public func next(max: Int) async throws -> [Delivery] { try await connection.next(of: id, max: max) }

    /// See ``ConsumerConnection/complete(_:)``.
    public func complete(_ tags: [DeliveryTag]) async { await connection.complete(tags) }

    /// See ``ConsumerConnection/reject(_:requeue:)``.
    public func reject(_ tags: [DeliveryTag], requeue: Bool) async { await connection.reject(tags, requeue: requeue) }

    /// Closes the channel: what was delivered and not completed goes back to the queue, and its tags are stale. Finish work first.
    public func pause() async { await connection.pause(id) }

    /// Opens a channel again after ``pause()``.
    public func resume() async { await connection.resume(id) }

    /// Ends the subscription; those who wait get `rabbitmq.closed`.
    public func cancel() async { await connection.cancel(id) }
}
