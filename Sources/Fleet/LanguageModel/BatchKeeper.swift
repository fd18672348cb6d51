import ChatCompletions
import FleetModel
import Foundation
import Ledger
import Logging
import NIOCore

/// Packs, sends, watches and reads batches, one keeper at a time. Each step is written down before the next begins, so that whoever comes after a kill goes on where it
/// was: what the server was told and the ledger was not is looked for at the server.
struct BatchKeeper: Sendable {
    /// In a batch's metadata.
    static let metadataName = "mvfleet"

    let ledger: Ledger
    let transport: BatchTransport
    let prices: PriceTable
    let logger: Logger

    /// Until cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                try await step()
            } catch is CancellationError {
                return
            } catch {
                logger.warning("llm.batches_failed", metadata: ["error": "\(error)"])
            }
            // Servers tell of a batch only who asks, and it takes them minutes to a day. Cancelled, it ends at once, and the loop with it.
            try? await Task.sleep(for: transport.poll)
        }
    }

    /// Brings every batch on as far as it goes now, and packs new ones.
    func step() async throws {
        var failure: (any Error)?
        while try await ledger.packBatch(token: UUID().uuidString.lowercased(), endpoint: transport.client.endpoint.name, size: transport.size) { try cut(.packed) }
        for batch in try await ledger.openBatches() where batch.endpoint == transport.client.endpoint.name {
            var batch = batch
            do {
                while try await bringOn(&batch) { try Task.checkCancellation() }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                // The others go on; this one is tried again.
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// - Returns: whether it has come on, and may again at once.
    private func bringOn(_ batch: inout LanguageModelBatch) async throws -> Bool {
        let state = batch.state
        switch state {
        case .packed: batch.inputFile = try await upload(batch)
        case .uploaded: break
        case .creating:
            guard try await create(&batch) else { return try await giveUp(&batch, from: state) }
        case .created:
            let remote: RemoteBatch
            do throws(ChatError) {
                remote = try await transport.client.retrieve(batch.remote ?? "")
            } catch {
                guard error.status == 404 else { throw error }
                batch.status = "gone"
                return try await giveUp(&batch, from: state)
            }
            guard remote.status.isOver else {
                if remote.status.rawValue != batch.status {
                    batch.status = remote.status.rawValue
                    try await ledger.advance(batch, from: state)
                }
                return false
            }
            batch.status = ([remote.status.rawValue] + remote.problems.prefix(3).compactMap { $0.message ?? $0.code }).joined(separator: ": ")
            (batch.outputFile, batch.errorFile) = (remote.outputFileID, remote.errorFileID)
        case .ended: try await settle(batch)
        case .settled: try await deleteFiles(of: batch)
        case .over: return false
        }
        return try await advance(&batch, from: state)
    }

    private func advance(_ batch: inout LanguageModelBatch, from state: LanguageModelBatch.State) async throws -> Bool {
        batch.state = LanguageModelBatch.State(rawValue: state.rawValue + 1) ?? .over
        guard try await ledger.advance(batch, from: state) else { return false }
        logger.info("llm.batch", metadata: ["batch": "\(batch.id)", "state": "\(batch.state)", "status": "\(batch.status)", "lines": "\(batch.lines)"])
        if batch.state == .creating { try cut(.aboutToCreate) }
        if batch.state == .ended { try cut(.ended) }
        return true
    }

    /// The server has none of it: its lines go elsewhere.
    private func giveUp(_ batch: inout LanguageModelBatch, from state: LanguageModelBatch.State) async throws -> Bool {
        logger.error("llm.batch_failed", metadata: ["batch": "\(batch.id)", "status": "\(batch.status)"])
        try await ledger.releaseLines(of: batch, refused: [], mostFailures: transport.mostFailures)
        batch.state = .settled
        return try await ledger.advance(batch, from: state)
    }

    private func upload(_ batch: LanguageModelBatch) async throws -> String {
        let content = BatchContent(ledger: ledger, batch: batch.id, endpoint: transport.client.endpoint, blobs: transport.blobs), name = "mvfleet-\(batch.token).jsonl"
        let byteCount = try await content.byteCount()
        // One that was whole before its keeper died need not go again.
        if let file = try await transport.client.files().first(where: { $0.name == name && $0.byteCount == byteCount }) { return file.id }
        let file = try await transport.client.upload(name: name, byteCount: byteCount, content: content)
        try cut(.uploaded)
        return file.id
    }

    /// - Returns: false where the server refuses the batch.
    private func create(_ batch: inout LanguageModelBatch) async throws -> Bool {
        let token = batch.token
        var remote = try await transport.client.list().first { $0.metadata[Self.metadataName] == token }
        if remote == nil {
            do throws(ChatError) {
                remote = try await transport.client.create(inputFileID: batch.inputFile ?? "", metadata: [Self.metadataName: token])
            } catch {
                // Anything else may have reached it: the next step looks.
                guard let status = error.status, (400..<500).contains(status), ![408, 409, 429].contains(status) else { throw error }
                batch.status = error.description
                return false
            }
            try cut(.created)
        }
        batch.remote = remote?.id
        batch.status = remote?.status.rawValue ?? ""
        return true
    }

    // MARK: what it brought

    private func settle(_ batch: LanguageModelBatch) async throws {
        let results = BatchResults(keeper: self, batch: batch)
        for file in [batch.outputFile, batch.errorFile].compactMap({ $0 }) {
            try await transport.client.lines(ofFile: file, model: batch.model) { try await results.take($0) }
            try await results.write()
        }
        try await ledger.releaseLines(of: batch, refused: await results.refused, mostFailures: transport.mostFailures)
        try cut(.recorded)
    }

    private func deleteFiles(of batch: LanguageModelBatch) async throws {
        for file in [batch.inputFile, batch.outputFile, batch.errorFile].compactMap({ $0 }) { try await transport.client.delete(fileID: file) }
        try cut(.filesDeleted)
    }

    func cut(_ point: BatchFaultPoint) throws { try transport.faultHook?(point) }
}

/// Gathers a batch's lines into statements of some hundred.
private actor BatchResults {
    private static let linesPerStatement = 500

    private let keeper: BatchKeeper
    private let batch: LanguageModelBatch
    private var answers: [BatchAnswer] = []
    private var written = 0
    private(set) var refused: [[UInt8]] = []

    init(keeper: BatchKeeper, batch: LanguageModelBatch) {
        self.keeper = keeper
        self.batch = batch
    }

    func take(_ line: BatchLine) async throws {
        // A line of somebody else, or none, is nobody's answer: its request goes again.
        guard let id = line.customID, let digest = Digest(hex: id) else {
            keeper.logger.warning("llm.batch_line_unknown", metadata: ["batch": "\(batch.id)"])
            return
        }
        switch line.result {
        case .success(let answer):
            let recorded = RecordedAnswer(answer, estimatedPrompt: 0, price: keeper.prices[batch.model], isBatch: true)
            answers.append(BatchAnswer(digest: digest.bytes, answer: recorded, receipt: Int64.random(in: 1...Int64.max)))
            if answers.count >= Self.linesPerStatement { try await write() }
        case .failure(let error):
            if !error.isRetriable { refused.append(digest.bytes) }
        }
    }

    func write() async throws {
        let batch = batch.id, answers = answers
        self.answers = []
        try await keeper.ledger.record(answers, of: batch)
        if !answers.isEmpty { try keeper.cut(.halfRecorded) }
    }
}

/// A batch's input file, made while it is read: a page of requests and one picture are in memory.
struct BatchContent: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    let ledger: Ledger
    let batch: Int64
    let endpoint: Endpoint
    let blobs: BlobStore

    private static let linesPerPage = 100

    /// Of the whole; loads no media.
    func byteCount() async throws -> Int {
        var lines = Lines(content: self), count = 0
        while let line = try await lines.next() { count += line.byteCount }
        return count
    }

    func makeAsyncIterator() -> Iterator { Iterator(lines: Lines(content: self)) }

    struct Iterator: AsyncIteratorProtocol {
        var lines: Lines
        var line: ChatBody.Iterator?

        mutating func next() async throws -> ByteBuffer? {
            while true {
                if let piece = try await line?.next() { return piece }
                guard let next = try await lines.next() else { return nil }
                line = next.makeAsyncIterator()
            }
        }
    }

    struct Lines {
        let content: BatchContent
        var page: ArraySlice<(digest: [UInt8], request: String)> = []
        var last: [UInt8] = []

        init(content: BatchContent) { self.content = content }

        mutating func next() async throws -> ChatBody? {
            if page.isEmpty {
                page = try await content.ledger.lines(of: content.batch, after: last, limit: BatchContent.linesPerPage)[...]
            }
            guard let line = page.popFirst() else { return nil }
            last = line.digest
            let stored = try CanonicalJSON.decode(StoredChatRequest.self, from: line.request)
            guard let digest = Digest(bytes: line.digest) else { throw FleetError("ledger.corrupt", "a request's digest is not 32 bytes") }
            return try stored.request(content.blobs).batchLine(customID: digest.hex, for: content.endpoint)
        }
    }
}
