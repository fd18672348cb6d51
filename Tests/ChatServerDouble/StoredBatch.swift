/// A batch as the server keeps it, and its way through its states: a step for so many looks.
struct StoredBatch: Sendable {
    enum Status: String, Sendable { case validating, inProgress = "in_progress", finalizing, completed, failed, expired, cancelling, cancelled }

    struct Problem: Hashable, Sendable {
        var code: String
        var message: String
        var line: Int?
    }

    let id: String
    let inputFile: String
    let endpoint: String
    let metadata: JSONValue
    var status = Status.validating
    var looks = 0
    var problems: [Problem] = []
    var outputFile: String?
    var errorFile: String?
    var total = 0
    var completed = 0
    var failed = 0

    var isOver: Bool { [.completed, .failed, .expired, .cancelled].contains(status) }

    func json(namesMissingFilesEmpty: Bool) -> JSONValue {
        func file(_ id: String?) -> JSONValue { id.map { .string($0) } ?? (namesMissingFilesEmpty && isOver ? "" : .null) }
        func time(_ of: Status...) -> JSONValue { of.contains(status) ? 1_700_000_100 : .null }
        let errors: JSONValue = problems.isEmpty ? .null : .object(["object": "list", "data": .array(problems.map {
            .object(["code": .string($0.code), "message": .string($0.message), "param": .null, "line": $0.line.map { .integer($0) } ?? .null])
        })])
        return .object([
            "id": .string(id), "object": "batch", "endpoint": .string(endpoint), "errors": errors, "input_file_id": .string(inputFile), "completion_window": "24h",
            "status": .string(status.rawValue), "output_file_id": file(outputFile), "error_file_id": file(errorFile), "created_at": 1_700_000_000,
            "in_progress_at": .null, "expires_at": 1_700_086_400, "finalizing_at": .null, "completed_at": time(.completed), "failed_at": time(.failed),
            "expired_at": time(.expired), "cancelling_at": time(.cancelling, .cancelled), "cancelled_at": time(.cancelled),
            "request_counts": .object(["total": .integer(total), "completed": .integer(completed), "failed": .integer(failed)]), "metadata": metadata,
        ])
    }
}
