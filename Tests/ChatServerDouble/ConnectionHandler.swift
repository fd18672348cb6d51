import NIOCore
import NIOHTTP1

/// One connection: collects a request, asks the core, and sends the reply step by step.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let core: DoubleCore
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var isFirstPart = true
    /// The completion that is being answered.
    private var mark: CompletionMark?

    init(_ core: DoubleCore) { self.core = core }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ByteBuffer()
            isFirstPart = true
            if let length = head.headers.first(name: "content-length").flatMap({ Int($0) }), length > 1 << 16 {
                body = context.channel.allocator.buffer(capacity: min(length, 1 << 28))
                isFirstPart = false
            }
        case .body(var part):
            if isFirstPart { body = part } else { body.writeBuffer(&part) }
            isFirstPart = false
        case .end:
            guard let head else { return }
            let reply = core.answer(request(head))
            body = ByteBuffer()
            if let mark = reply.completion {
                self.mark = mark
                core.began()
            }
            if reply.delay > .zero {
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: TimeAmount(reply.delay)) { bound.value.0.send(reply, bound.value.1) }
            } else {
                send(reply, context)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if mark != nil { core.ended(nil) }
        mark = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func request(_ head: HTTPRequestHead) -> DoubleRequest {
        let parts = head.uri.split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for pair in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let sides = pair.split(separator: "=", maxSplits: 1)
            if sides.count == 2 { query[String(sides[0])] = String(sides[1]) }
        }
        return DoubleRequest(method: head.method.rawValue, path: parts.first.map(String.init) ?? "/", query: query,
                             headers: head.headers.map { ($0.name, $0.value) }, body: body)
    }

    private func send(_ reply: DoubleReply, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        if let status = reply.status {
            var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
            for (name, value) in reply.headers { head.headers.add(name: name, value: value) }
            if let length = reply.length {
                head.headers.add(name: "content-length", value: String(length))
            } else {
                head.headers.add(name: "transfer-encoding", value: "chunked")
            }
            context.write(wrapOutboundOut(.head(head)), promise: nil)
        }
        run(reply.steps[...], context)
    }

    private func run(_ steps: ArraySlice<DoubleReply.Step>, _ context: ChannelHandlerContext) {
        var steps = steps
        while let step = steps.popFirst() {
            guard context.channel.isActive else { return }
            switch step {
            case .bytes(let bytes):
                context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
            case .wait(let time):
                context.flush()
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop), rest = steps
                context.eventLoop.scheduleTask(in: TimeAmount(time)) { bound.value.0.run(rest, bound.value.1) }
                return
            case .close:
                finish()
                context.flush()
                context.close(promise: nil)
                return
            case .hang:
                context.flush()
                return
            case .flood(let bytes):
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes)))).whenSuccess { bound.value.0.run([.flood(bytes)], bound.value.1) }
                return
            }
        }
        // Before the last bytes go out: whoever has read an answer finds it counted.
        finish()
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func finish() {
        guard let mark else { return }
        self.mark = nil
        core.ended(mark)
    }
}

extension TimeAmount {
    init(_ duration: Duration) {
        self = .nanoseconds(duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000)
    }
}
