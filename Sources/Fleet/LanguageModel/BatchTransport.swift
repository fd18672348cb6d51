import ChatCompletions
import FleetModel
import Ledger

/// How requests of the bulk lane go by batch: half the price, for an answer within a day.
public struct BatchTransport: Sendable {
    public var client: BatchClient
    /// Where pictures and sound wait for their batch.
    public var blobs: BlobStore
    public var size: BatchSize
    /// How often a batch is looked at.
    public var poll: Duration
    /// A line that so many batches left without an answer is sent by itself.
    public var mostFailures: Int
    /// For fault tests.
    package var faultHook: (@Sendable (BatchFaultPoint) throws -> Void)?

    public init(client: BatchClient, blobs: BlobStore, size: BatchSize = BatchSize(), poll: Duration = .seconds(30), mostFailures: Int = 2) {
        self.client = client
        self.blobs = blobs
        self.size = size
        self.poll = poll
        self.mostFailures = mostFailures
    }
}

/// A place on a batch's way at which a fault test may cut its keeper off, by throwing.
package enum BatchFaultPoint: Sendable, CaseIterable {
    case packed
    /// At the server, not written down; and so on.
    case uploaded
    case aboutToCreate
    case created
    case ended
    case halfRecorded
    case recorded
    case filesDeleted
}
