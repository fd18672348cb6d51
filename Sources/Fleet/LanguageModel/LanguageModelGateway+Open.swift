import ChatCompletions
import Ledger
import Logging

extension LanguageModelGateway {
    /// The endpoint whose batches take the bulk lane's requests.
    public struct BatchChoice: Sendable {
        public var endpoint: String
        /// Where pictures and sound wait for their batch.
        public var blobs: BlobStore
        public var size: BatchSize

        public init(endpoint: String, blobs: BlobStore, size: BatchSize = BatchSize()) {
            self.endpoint = endpoint
            self.blobs = blobs
            self.size = size
        }
    }

    /// A gateway to these endpoints, whose limits are shared with all processes of the fleet; without any, only what was answered before is answered.
    ///
    /// - Throws: `llm.configuration`.
    public static func open(ledger: Ledger, endpoints: [Endpoint], options: ChatClientOptions = ChatClientOptions(), batches choice: BatchChoice? = nil,
                            configuration: LanguageModelConfiguration = LanguageModelConfiguration(), logger: Logger) throws(ChatError) -> LanguageModelGateway {
        guard !endpoints.isEmpty else { return LanguageModelGateway(ledger: ledger, client: nil, configuration: configuration, logger: logger) }
        let limits = SharedLimits(ledger: ledger, patience: configuration.patience, logger: logger)
        let client = try ChatClient(endpoints: endpoints, options: options, gate: limits, logger: logger)
        var configuration = configuration
        if let choice {
            guard let batches = client.batches(at: choice.endpoint) else {
                throw ChatError(.configuration, "batches are to go to endpoint '\(choice.endpoint)', which is not configured: name one of \(endpoints.map(\.name).joined(separator: ", "))")
            }
            configuration.batches = BatchTransport(client: batches, blobs: choice.blobs, size: choice.size)
        }
        return LanguageModelGateway(ledger: ledger, client: client, configuration: configuration, logger: logger)
    }
}
