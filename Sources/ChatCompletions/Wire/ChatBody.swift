import NIOCore

/// A request's bytes in pieces: text that is there, and media that are loaded and encoded as their turn comes, so that hundreds of requests in flight hold little more than an image each.
public struct ChatBody: Sendable, AsyncSequence {
    public typealias Element = ByteBuffer

    enum Piece: Sendable {
        case text(ByteBuffer)
        /// As base64.
        case media(ChatMedia)

        var byteCount: Int {
            switch self {
            case .text(let text): text.readableBytes
            case .media(let media): Base64.encodedCount(media.byteCount)
            }
        }
    }

    private(set) var pieces: [Piece] = []
    /// Bytes of the whole; known before anything is loaded.
    public private(set) var byteCount = 0

    mutating func append(_ text: ByteBuffer) {
        byteCount += text.readableBytes
        pieces.append(.text(text))
    }

    mutating func append(_ media: ChatMedia) {
        byteCount += Base64.encodedCount(media.byteCount)
        pieces.append(.media(media))
    }

    /// The only piece, where there is but one and it is text.
    var single: ByteBuffer? {
        guard pieces.count == 1, case .text(let text) = pieces[0] else { return nil }
        return text
    }

    /// The whole, with all media in memory.
    ///
    /// - Throws: ``ChatError`` `llm.media`.
    public func collect() async throws -> ByteBuffer {
        if let single { return single }
        var whole = ByteBufferAllocator().buffer(capacity: byteCount)
        for try await part in self { whole.writeImmutableBuffer(part) }
        return whole
    }

    public func makeAsyncIterator() -> Iterator { Iterator(pieces: pieces[...]) }

    public struct Iterator: AsyncIteratorProtocol {
        var pieces: ArraySlice<Piece>

        /// Small pieces go together, because each buffer has its way through the connection's thread; an image of a hundred kilobytes goes by itself.
        private static let enough = 128 << 10

        /// As many pieces as make a buffer of ``enough`` bytes, the last of them whole.
        public mutating func next() async throws -> ByteBuffer? {
            guard let first = pieces.first else { return nil }
            var count = 0, capacity = 0
            while count < pieces.count, capacity < Self.enough {
                capacity += pieces[pieces.startIndex + count].byteCount
                count += 1
            }
            defer { pieces.removeFirst(count) }
            if count == 1, case .text(let text) = first { return text }
            var buffer = ByteBufferAllocator().buffer(capacity: capacity)
            for piece in pieces.prefix(count) {
                switch piece {
                case .text(let text): buffer.writeImmutableBuffer(text)
                case .media(let media): Base64.write(try await bytes(of: media), to: &buffer)
                }
            }
            return buffer
        }

        private func bytes(of media: ChatMedia) async throws -> [UInt8] {
            let bytes: [UInt8]
            do {
                bytes = try await media.load()
            } catch let error as ChatError {
                throw error
            } catch {
                throw ChatError(.media, "\(media.mediaType) \(media.sha256.prefix(12))… of a request could not be loaded: see the cause, and whether its blob is still there",
                                cause: String(describing: error))
            }
            guard bytes.count == media.byteCount else {
                throw ChatError(.media, "\(media.mediaType) \(media.sha256.prefix(12))… of a request has \(bytes.count) bytes where \(media.byteCount) were announced: it was changed or cut short")
            }
            return bytes
        }
    }
}
