import Foundation

/// One line of a batch's output or error file.
public struct BatchLine: Sendable {
    /// Whose answer it is; nil where the line cannot be read.
    public var customID: String?
    public var result: Result<ChatAnswer, ChatError>
}

extension BatchLine {
    private struct Payload: Decodable {
        struct Response: Decodable {
            var status: Int
            var completion: CompletionPayload?
            var message: ServerMessage?

            private enum Keys: String, CodingKey { case status = "status_code", body }

            init(from decoder: any Decoder) throws {
                let values = try decoder.container(keyedBy: Keys.self)
                status = (try? values.decode(Int.self, forKey: .status)) ?? 200
                if status == 200 { completion = try? values.decode(CompletionPayload.self, forKey: .body) } else { message = try? values.decode(ServerMessage.self, forKey: .body) }
            }
        }

        var customID: String?
        var response: Response?
        var error: ServerMessage?

        private enum Keys: String, CodingKey { case customID = "custom_id", response, error }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Keys.self)
            customID = try? values.decode(String.self, forKey: .customID)
            response = try? values.decode(Response.self, forKey: .response)
            error = try? values.decode(ServerMessage.self, forKey: .error)
        }
    }

    init(_ line: [UInt8], endpoint: Endpoint, model: String, maximumWhiteSpace: Int) {
        guard let payload = try? JSONDecoder().decode(Payload.self, from: Data(line)) else {
            let beginning = ServerMessage(text: String(decoding: line.prefix(300), as: UTF8.self)).line(without: endpoint.key)
            result = .failure(.malformed(endpoint, "has a line in a batch's file that cannot be read", cause: beginning))
            return
        }
        customID = payload.customID
        result = Self.result(payload, endpoint: endpoint, model: model, maximumWhiteSpace: maximumWhiteSpace)
    }

    private static func result(_ payload: Payload, endpoint: Endpoint, model: String, maximumWhiteSpace: Int) -> Result<ChatAnswer, ChatError> {
        if let response = payload.response {
            guard response.status == 200 else {
                return .failure(.answered(response.status, response.message ?? ServerMessage(text: nil), headers: ServerHeaders(), endpoint: endpoint, model: model))
            }
            if let completion = response.completion {
                do throws(ChatError) {
                    return .success(try ChatAnswer(completion, endpoint: endpoint, model: model, maximumWhiteSpace: maximumWhiteSpace))
                } catch { return .failure(error) }
            }
        }
        let said = payload.error
        if let code = said?.code, ["batch_expired", "batch_cancelled"].contains(code) {
            return .failure(ChatError(.batchEnded, "the batch at endpoint \(endpoint.name) ended before this line's turn: send it again", cause: said?.line(without: endpoint.key), isRetriable: true))
        }
        return .failure(.malformed(endpoint, "has a line without an answer in a batch's file", cause: said?.line(without: endpoint.key)))
    }
}
