extension DoubleCore {
    func files(_ request: DoubleRequest, _ parts: [String]) -> DoubleReply { .error(404, type: "invalid_request_error", code: nil, "no files yet") }
    func batches(_ request: DoubleRequest, _ parts: [String]) -> DoubleReply { .error(404, type: "invalid_request_error", code: nil, "no batches yet") }
}
struct StoredFile: Sendable {}
struct StoredBatch: Sendable {}
