import NIOCore

/// The frame of an uploaded file: `multipart/form-data` (RFC 7578) with its purpose and its content.
struct UploadForm: Sendable {
    let boundary: String
    private let head: ByteBuffer
    private let tail: ByteBuffer

    init(name: String, boundary: String) {
        self.boundary = boundary
        let safe = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "_" })
        head = ByteBuffer(string: "--\(boundary)\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--\(boundary)\r\n"
            + "Content-Disposition: form-data; name=\"file\"; filename=\"\(safe)\"\r\nContent-Type: application/jsonl\r\n\r\n")
        tail = ByteBuffer(string: "\r\n--\(boundary)--\r\n")
    }

    func byteCount(content: Int) -> Int { head.readableBytes + content + tail.readableBytes }

    func around<Content: AsyncSequence & Sendable>(_ content: Content) -> Framed<Content> where Content.Element == ByteBuffer {
        Framed(head: head, content: content, tail: tail)
    }

    struct Framed<Content: AsyncSequence & Sendable>: AsyncSequence, Sendable where Content.Element == ByteBuffer {
        typealias Element = ByteBuffer
        let head: ByteBuffer
        let content: Content
        let tail: ByteBuffer

        func makeAsyncIterator() -> Iterator { Iterator(head: head, content: content.makeAsyncIterator(), tail: tail) }

        struct Iterator: AsyncIteratorProtocol {
            var head: ByteBuffer?
            var content: Content.AsyncIterator
            var tail: ByteBuffer?

            mutating func next() async throws -> ByteBuffer? {
                if let head {
                    self.head = nil
                    return head
                }
                if let part = try await content.next() { return part }
                defer { tail = nil }
                return tail
            }
        }
    }
}
