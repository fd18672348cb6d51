import NIOCore

/// A file as the server keeps it.
struct StoredFile: Sendable {
    var id: String
    var name: String
    var purpose: String
    var bytes: ByteBuffer

    var json: JSONValue {
        .object(["id": .string(id), "object": "file", "bytes": .integer(bytes.readableBytes), "created_at": 1_700_000_000, "filename": .string(name),
                 "purpose": .string(purpose), "status": "processed", "status_details": .null])
    }
}

extension DoubleCore {
    func files(_ request: DoubleRequest, _ parts: [String]) -> DoubleReply {
        switch (request.method, parts.count) {
        case ("POST", 1):
            guard let form = MultipartForm(request), let content = form.parts["file"], let purpose = form.parts["purpose"] else {
                return .error(400, type: "invalid_request_error", code: nil, "'file' and 'purpose' are required, as multipart/form-data.")
            }
            let file = with { state in
                let file = StoredFile(id: state.nextID("file-"), name: content.fileName ?? "upload", purpose: String(buffer: purpose.content), bytes: content.content)
                state.files[file.id] = file
                state.counts.files += 1
                return file
            }
            return .json(200, file.json)
        case ("GET", 1):
            let files = with { state in state.files.values.filter { request.query["purpose"] == nil || $0.purpose == request.query["purpose"] }.sorted { $0.id < $1.id } }
            return .json(200, .object(["object": "list", "data": .array(files.map(\.json)), "has_more": false]))
        default:
            guard parts.count > 1, let file = with({ $0.files[parts[1]] }) else { return missing("file", parts.dropFirst().first ?? "") }
            switch (request.method, parts.dropFirst(2).first) {
            case ("GET", nil): return .json(200, file.json)
            case ("GET", "content"?): return .bytes(200, contentType: "application/octet-stream", file.bytes)
            case ("DELETE", nil):
                with { $0.files[file.id] = nil }
                return .json(200, .object(["id": .string(file.id), "object": "file", "deleted": true]))
            default: return missing("file", file.id)
            }
        }
    }

    func missing(_ kind: String, _ id: String) -> DoubleReply {
        .error(404, type: "invalid_request_error", code: nil, "No such \(kind) object: \(id)")
    }
}

/// `multipart/form-data` (RFC 7578).
struct MultipartForm {
    struct Part {
        var fileName: String?
        var content: ByteBuffer
    }

    private(set) var parts: [String: Part] = [:]

    init?(_ request: DoubleRequest) {
        guard let type = request.header("content-type"), type.hasPrefix("multipart/form-data"), let mark = type.range(of: "boundary=") else { return nil }
        let boundary = "--" + type[mark.upperBound...].prefix { $0 != ";" }.filter { $0 != "\"" }
        let bytes = request.body.readableBytesView
        var starts = Self.occurrences(of: Array(boundary.utf8), in: bytes)
        guard starts.count > 1 else { return nil }
        let ends = starts.dropFirst()
        starts.removeLast()
        for (start, end) in zip(starts, ends) {
            // After the boundary a line end, then header lines, an empty one, the content, and a line end before the next boundary.
            let inner = bytes[(start + boundary.utf8.count + 2)..<(end - 2)]
            guard let gap = Self.occurrences(of: Array("\r\n\r\n".utf8), in: inner.prefix(4096)).first else { return nil }
            let header = String(decoding: inner[inner.startIndex..<gap], as: UTF8.self)
            guard let name = Self.parameter("name", of: header) else { return nil }
            parts[name] = Part(fileName: Self.parameter("filename", of: header), content: ByteBuffer(bytes: inner[(gap + 4)...]))
        }
    }

    private static func parameter(_ name: String, of header: String) -> String? {
        guard let start = header.range(of: "; \(name)=\"") else { return nil }
        return String(header[start.upperBound...].prefix { $0 != "\"" })
    }

    private static func occurrences(of needle: [UInt8], in bytes: ByteBufferView) -> [Int] {
        bytes.withUnsafeBytes { raw in
            var found: [Int] = [], index = 0
            while index + needle.count <= raw.count {
                if raw[index] == needle[0], needle.indices.allSatisfy({ raw[index + $0] == needle[$0] }) {
                    found.append(bytes.startIndex + index)
                    index += needle.count
                } else {
                    index += 1
                }
            }
            return found
        }
    }
}

extension String {
    /// The first place of `needle`.
    fileprivate func range(of needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
