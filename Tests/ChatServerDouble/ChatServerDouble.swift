import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A chat-completions server with files and batches that does on purpose what real ones do at the worst moment, and counts what it is asked.
public final class ChatServerDouble: Sendable {
    /// Up to and with `/v1`.
    public let url: String
    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let core: DoubleCore

    private init(url: String, group: MultiThreadedEventLoopGroup, channel: any Channel, core: DoubleCore) {
        self.url = url
        self.group = group
        self.channel = channel
        self.core = core
    }

    /// - Parameter port: 0 for a free one.
    public static func start(_ settings: DoubleSettings = DoubleSettings(), host: String = "127.0.0.1", port: Int = 0, threads: Int = 1) async throws -> ChatServerDouble {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: threads), core = DoubleCore(settings)
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.pipeline.configureHTTPServerPipeline().flatMapThrowing {
                        core.connected()
                        try channel.pipeline.syncOperations.addHandler(ConnectionHandler(core))
                    }
                }
                .bind(host: host, port: port).get()
            return ChatServerDouble(url: "http://\(host):\(channel.localAddress?.port ?? port)/v1", group: group, channel: channel, core: core)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// A server for the length of `body`.
    public static func with<Value>(_ settings: DoubleSettings = DoubleSettings(), _ body: (ChatServerDouble) async throws -> Value) async throws -> Value {
        let server = try await start(settings)
        do {
            let value = try await body(server)
            await server.stop()
            return value
        } catch {
            await server.stop()
            throw error
        }
    }

    /// Closes every connection.
    public func stop() async {
        try? await channel.close()
        try? await group.shutdownGracefully()
    }

    public var counts: DoubleCounts { core.counts }

    public func change(_ change: @Sendable (inout DoubleSettings) -> Void) { core.change(change) }

    /// Waits until the counts are so; looks at once, and after each of their changes.
    public func until(_ condition: @escaping @Sendable (DoubleCounts) -> Bool) async {
        await withCheckedContinuation { core.wait(until: condition, $0) }
    }

    /// Forgets counts, bodies, limits, files and batches.
    public func reset() { core.reset() }

    /// Files that were uploaded or made and not deleted, by id.
    public var fileIDs: [String] { core.fileIDs }
}
