import Logging

/// How subscriptions get and lose their channels.
extension ConsumerConnection {
    /// Opens a channel for the subscription and consumes.
    func open(_ feed: SubscriptionFeed, declaring: Bool) async throws(RabbitMQError) {
        guard session.isReady, !feed.isPaused else { return }
        let attempt = nextAttempt
        nextAttempt += 1
        feed.phase = .opening(attempt)
        countConsumers()
        do throws(RabbitMQError) {
            if declaring { try await declareAll(topology) }
            if feed.isUnanswered {
                try await replaceLeaderless(feed.queue)
                feed.isUnanswered = false
            }
            try goesOn(feed, attempt)
            let channel = try freeChannel()
            feed.begin(channel: channel, generation: nextGeneration, maximumBodyBytes: session.configuration.maximumBodyBytes)
            nextGeneration += 1
            feedOfChannel[channel] = feed
            for step in [BrokerCall.openChannel, .setPrefetch(feed.prefetch), .consume(feed.queue)] {
                _ = try await call(step, channel: channel)
                try goesOn(feed, attempt)
            }
        } catch {
            // Where something else happened to the subscription meanwhile, it has dealt with the channel.
            if feed.phase == .opening(attempt) { lost(feed, error) }
            throw error
        }
        feed.phase = .open
        feed.backoff.succeeded()
        countConsumers()
    }

    /// A queue that does not answer its consumers, and has none, is made anew where nothing is lost by that.
    private func replaceLeaderless(_ name: String) async throws(RabbitMQError) {
        guard let declaration = topology.queues.first(where: { $0.name == name && $0.isReplaceable }) else { return }
        // Somebody else consumes it, or made it anew already: it answers.
        guard try await status(ofQueue: name).consumers == 0 else { return }
        session.logger.warning("RabbitMQ queue does not answer its consumers; it is deleted and declared anew", metadata: ["amqp.queue": "\(name)"])
        _ = try await call(.deleteQueue(name))
        _ = try await call(.declareQueue(declaration))
    }

    private func goesOn(_ feed: SubscriptionFeed, _ attempt: Int) throws(RabbitMQError) {
        guard feed.phase != .opening(attempt) else { return }
        throw RabbitMQError(.connectionLost, "the channel of the queue \(feed.queue) was closed while it was being opened; it is opened again where it is wanted", isRetriable: true)
    }

    /// The subscription's channel is gone, or could not be opened: again later.
    private func lost(_ feed: SubscriptionFeed, _ error: RabbitMQError) {
        let channel = feed.channel
        unlink(feed)
        // After a refusal the broker has closed it already.
        if let channel, session.isReady, [.callTimeout, .invalidArgument].contains(error.code) { startClosing(channel) {} }
        if error.code == .callTimeout { feed.isUnanswered = true }
        let delay = feed.backoff.failed()
        feed.phase = .retrying(at: .now + delay)
        session.logger.warning("RabbitMQ subscription interrupted", metadata: ["amqp.queue": "\(feed.queue)", "amqp.retry.seconds": "\(delay / .seconds(1))", "error.code": "\(error.code)", "error.message": "\(error)"])
        countConsumers()
    }

    func unlink(_ feed: SubscriptionFeed) {
        if let channel = feed.channel { feedOfChannel[channel] = nil }
        feed.end()
    }

    func closeChannel(of feed: SubscriptionFeed) async {
        feed.flushAll()
        write(feed)
        let channel = feed.channel
        unlink(feed)
        countConsumers()
        guard let channel, session.transport != nil, !session.isClosed else { return }
        await withCheckedContinuation { continuation in startClosing(channel) { continuation.resume() } }
    }

    /// The number is free again when the broker has agreed.
    private func startClosing(_ channel: UInt16, completion: @escaping () -> Void) {
        closingChannels.insert(channel)
        session.call(.closeChannel, channel: channel) { [weak self] _ in
            self?.assumeIsolated { _ = $0.closingChannels.remove(channel) }
            completion()
        }
    }

    private func freeChannel() throws(RabbitMQError) -> UInt16 {
        let limit = session.transport?.channelLimit ?? 0
        var channel = Session.controlChannel + 1
        while channel <= limit, feedOfChannel[channel] != nil || closingChannels.contains(channel) { channel += 1 }
        guard channel <= limit else {
            throw RabbitMQError(.systemResource, "all \(limit) channels of the RabbitMQ connection are in use; open another connection")
        }
        return channel
    }

    func countConsumers() {
        let registered = feeds.values.count { $0.phase == .open }
        let wanted = feeds.values.count { !$0.isPaused }
        monitor.update { health in
            health.consumersRegistered = registered
            health.consumersWanted = wanted
        }
    }

    // MARK: Frames

    func handle(_ frame: InboundFrame) {
        switch frame {
        case .deliver(let channel, let tag, let isRedelivered): if let feed = feedOfChannel[channel] { note(feed.deliver(tag: tag, isRedelivered: isRedelivered)) }
        case .header(let channel, let size, _): if let feed = feedOfChannel[channel] { note(feed.header(bodySize: size)) }
        case .body(let channel, let fragment): if let feed = feedOfChannel[channel] { note(feed.body(fragment)) }
        case .consumerCancelled(let channel):
            guard let feed = feedOfChannel[channel] else { return }
            lost(feed, RabbitMQError(.notFound, "RabbitMQ cancelled the consumer of the queue \(feed.queue), which was deleted or moved; it is declared again", isRetriable: true))
            startClosing(channel) {}
        case .channelClosed(let channel, let code, let text):
            guard let feed = feedOfChannel[channel] else { return }
            lost(feed, .fromServer(code: code, text: text, subject: "the queue \(feed.queue)"))
        default: break
        }
    }

    private func note(_ action: DeliveryAssembler.Action) {
        switch action {
        case .none, .content(.delivery), .content(.returned): break
        case .content(.oversized(_, let bytes)):
            session.logger.error("RabbitMQ message dropped: its body is over the limit", metadata: ["amqp.body.bytes": "\(bytes)", "amqp.body.limit": "\(session.configuration.maximumBodyBytes)"])
        case .violation(let what):
            session.fail(RabbitMQError(.protocolViolation, "RabbitMQ sent \(what); check what listens at that address", isRetriable: true))
        }
    }
}
