import NIOCore

/// A request's bytes in pieces: text that is there, and media that are loaded and encoded as their turn comes, so that hundreds of requests in flight hold one image each at most.
public struct ChatBody: Sendable, AsyncSequence {
    public typealias Element = ByteBuffer

    enum Piece: Sendable {
        case text(ByteBuffer)
        /// As base64.
        case media(ChatMedia)
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

        /// Text and the media after it as one buffer.
        public mutating func next() async throws -> ByteBuffer? {
            guard let piece = pieces.popFirst() else { return nil }
            switch piece {
            case .media(let media):
                var buffer = ByteBufferAllocator().buffer(capacity: Base64.encodedCount(media.byteCount))
                Base64.write(try await bytes(of: media), to: &buffer)
                return buffer
            case .text(let text):
                guard case .media(let media)? = pieces.first else { return text }
                pieces.removeFirst()
                let bytes = try await bytes(of: media)
                var buffer = ByteBufferAllocator().buffer(capacity: text.readableBytes + Base64.encodedCount(bytes.count))
                buffer.writeImmutableBuffer(text)
                Base64.write(bytes, to: &buffer)
                return buffer
            }
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
