import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Files and batches of one endpoint: half the price for an answer within a day.
///
/// What may have happened at the server without an answer having come is not repeated where it could be paid for twice: after a failed ``create(inputFileID:metadata:)`` look with ``list(limit:)``.
public struct BatchClient: Sendable {
    let state: EndpointState
    let client: ChatClient

    public var endpoint: Endpoint { state.endpoint }

    private struct Page<Item: Decodable & Sendable>: Decodable, Sendable {
        var data: [Item]
        var hasMore: Bool?

        enum CodingKeys: String, CodingKey { case data, hasMore = "has_more" }
    }

    private struct Nothing: Decodable, Sendable {}

    /// Uploads an input file.
    ///
    /// - Parameters:
    ///   - name: the file's; one that finds it again among ``files()``, should the answer be lost.
    ///   - byteCount: of the whole content.
    ///   - content: gone through anew for each attempt.
    public func upload<Content: AsyncSequence & Sendable>(name: String, byteCount: Int, content: Content) async throws(ChatError) -> RemoteFile where Content.Element == ByteBuffer {
        let form = UploadForm(name: name, boundary: "mvfleet-\(byteCount)-\(name.utf8.reduce(UInt64(1469598103934665603)) { ($0 ^ UInt64($1)) &* 1099511628211 })")
        return try await call(.POST, "/files", isRepeatable: true, contentType: "multipart/form-data; boundary=\(form.boundary)") {
            .stream(form.around(content), length: .known(Int64(form.byteCount(content: byteCount))))
        }
    }

    /// Starts a batch. Repeated only where the server has said that it did not start it.
    ///
    /// - Parameter metadata: finds the batch again; at most 16 pairs, names of 64 and values of 512 characters.
    public func create(inputFileID: String, metadata: [String: String]) async throws(ChatError) -> RemoteBatch {
        var json = JSONText(capacity: 512)
        json.open("input_file_id")
        json.string(inputFileID)
        json.raw(",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\",\"metadata\":{")
        for (index, pair) in metadata.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { json.raw(",") }
            json.string(pair.key)
            json.raw(":")
            json.string(pair.value)
        }
        json.raw("}}")
        let body = json.buffer
        return try await call(.POST, "/batches", isRepeatable: false) { .bytes(body) }
    }

    public func retrieve(_ id: String) async throws(ChatError) -> RemoteBatch { try await call(.GET, "/batches/" + Self.escaped(id)) }

    /// The batch goes on until it is `cancelled`; what it has answered by then is in its files.
    public func cancel(_ id: String) async throws(ChatError) -> RemoteBatch { try await call(.POST, "/batches/" + Self.escaped(id) + "/cancel") }

    /// The account's batches, the newest first.
    public func list(limit: Int = 1000) async throws(ChatError) -> [RemoteBatch] {
        var all: [RemoteBatch] = []
        while all.count < limit {
            let after = all.last.map { "&after=" + Self.escaped($0.id) } ?? ""
            let page: Page<RemoteBatch> = try await call(.GET, "/batches?limit=\(min(100, limit - all.count))" + after)
            all += page.data
            guard page.hasMore == true, !page.data.isEmpty else { break }
        }
        return all
    }

    /// Input files at the server.
    public func files() async throws(ChatError) -> [RemoteFile] {
        let page: Page<RemoteFile> = try await call(.GET, "/files?purpose=batch")
        return page.data
    }

    /// A file that is gone already is no error.
    public func delete(fileID: String) async throws(ChatError) {
        do {
            let _: Nothing = try await call(.DELETE, "/files/" + Self.escaped(fileID))
        } catch {
            guard error.status == 404 else { throw error }
        }
    }

    /// Reads a file of results line by line, in whatever order they are there.
    ///
    /// - Parameters:
    ///   - model: what the lines were asked of, for errors and where a line does not say.
    ///   - receive: may be slow: the server is made to wait. Lines come again where this is called again after it failed.
    public func lines(ofFile id: String, model: String, _ receive: @escaping @Sendable (BatchLine) async throws -> Void) async throws(ChatError) {
        var request = HTTPClientRequest(url: try url("/files/" + Self.escaped(id) + "/content"))
        request.headers = state.headers
        let endpoint = endpoint, options = client.options
        try await client.transport.exchange(request, limit: .seconds(24 * 3600), stall: options.stallLimit, name: endpoint.name) { response, watchdog in
            guard response.status == .ok else {
                let headers = ServerHeaders(response.headers, now: options.wallClock())
                throw ChatError.answered(Int(response.status.code), try await response.readMessage(watchdog), headers: headers, endpoint: endpoint, model: model)
            }
            var splitter = LineSplitter(limit: options.maximumAnswerBytes)
            for try await piece in response.body {
                watchdog.rest()
                for line in try splitter.feed(piece.readableBytesView) {
                    try await receive(BatchLine(line, endpoint: endpoint, model: model, maximumWhiteSpace: options.maximumWhiteSpace))
                }
                watchdog.progress()
            }
            try Task.checkCancellation()
            if let line = splitter.takeRest() { try await receive(BatchLine(line, endpoint: endpoint, model: model, maximumWhiteSpace: options.maximumWhiteSpace)) }
        }
    }

    private func url(_ path: String) throws(ChatError) -> String { try endpoint.address() + path }

    private static func escaped(_ id: String) -> String {
        String(id.utf8.flatMap { byte -> [Character] in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || "-_.".utf8.contains(byte)
            return isPlain ? [Character(Unicode.Scalar(byte))] : Array("%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true))
        })
    }

    /// One call with an answer in JSON, repeated as the client's policy says.
    ///
    /// - Parameter isRepeatable: whether it may be sent again where it is not known what became of it.
    private func call<Answer: Decodable & Sendable>(
        _ method: HTTPMethod, _ path: String, isRepeatable: Bool = true, contentType: String = "application/json", body: (() -> HTTPClientRequest.Body)? = nil
    ) async throws(ChatError) -> Answer {
        var retries = 0
        while true {
            var request = HTTPClientRequest(url: try url(path))
            request.method = method
            request.headers = state.headers
            if let body {
                request.headers.add(name: "content-type", value: contentType)
                request.body = body()
            }
            do throws(ChatError) {
                return try await exchange(request)
            } catch {
                let isKnown = error.code == .rateLimited
                guard isRepeatable || isKnown,
                      case .retry(let delay) = client.options.retries.decide(error, retries: retries, remaining: .seconds(3600), chance: client.options.chance()) else { throw error }
                // Only a task that is cancelled is not slept to the end.
                do { try await client.options.sleep(delay) } catch { throw ChatError(.cancelled, "a call to endpoint \(endpoint.name) was given up while it waited to be repeated") }
                retries += 1
            }
        }
    }

    private func exchange<Answer: Decodable & Sendable>(_ request: HTTPClientRequest) async throws(ChatError) -> Answer {
        let endpoint = endpoint, options = client.options
        return try await client.transport.exchange(request, limit: options.attemptLimit, stall: options.stallLimit, name: endpoint.name) { response, watchdog in
            guard (200..<300).contains(response.status.code) else {
                let headers = ServerHeaders(response.headers, now: options.wallClock())
                throw ChatError.answered(Int(response.status.code), try await response.readMessage(watchdog), headers: headers, endpoint: endpoint, model: "the Batch API")
            }
            guard let bytes = try await response.read(upTo: options.maximumAnswerBytes, watchdog) else {
                throw ChatError.malformed(endpoint, "sends more than \(options.maximumAnswerBytes) bytes for one answer")
            }
            do {
                return try JSONDecoder().decode(Answer.self, from: Data(bytes))
            } catch {
                throw ChatError.malformed(endpoint, "answers a call of the Batch API with what it should not",
                                          cause: ServerMessage(text: String(decoding: bytes.prefix(300), as: UTF8.self)).line(without: endpoint.key))
            }
        }
    }
}

extension ChatClient {
    /// The Batch API of an endpoint; nil where there is none of that name.
    public func batches(at endpoint: String) -> BatchClient? {
        states.first { $0.endpoint.name == endpoint }.map { BatchClient(state: $0, client: self) }
    }
}
