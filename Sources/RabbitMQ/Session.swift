import CRabbitMQ
import Logging

/// The life of one connection on its loop: opened, set up by the owner, served, lost and opened again, closed.
///
/// Belongs to the actor that runs on `loop`, and is never touched from elsewhere. The owner pulls ``nextEvent(now:)`` and
/// acts on what it gets; answers to calls go straight to those who wait for them.
final class Session {
    enum Event {
        case frame(InboundFrame)
        /// Everything of that generation is gone; the session opens a new one when it is time.
        case lost(generation: Int, RabbitMQError)
        /// The owner is to open a transport now and hand it to ``adopt(_:)``.
        case reconnectDue
        case closed
    }

    private enum Phase {
        case connecting, settingUp, ready
        case waiting(until: ContinuousClock.Instant)
        case closing(until: ContinuousClock.Instant)
        case closed
    }

    /// The channel of declarations and other calls that may be refused without harm to the other channels.
    static let controlChannel: UInt16 = 1
    /// A connection that held for so long was a success. One that is lost sooner is waited for longer each time: what the broker closes at once, it will close again.
    private static let steadyAfter = Duration.seconds(5)
    /// How long a graceful end waits for the broker's last word.
    private static let closeLimit = Duration.seconds(1)
    /// Frames served before waiting jobs get their turn.
    private static let framesPerRound = 8192

    let configuration: ConnectionConfiguration
    let loop: ConnectionLoop
    let monitor = ConnectionMonitor()
    let logger: Logger
    private var backoff: Backoff
    private var readySince: ContinuousClock.Instant?
    private var phase = Phase.connecting
    private(set) var transport: Transport?
    private(set) var generation = 0
    /// Counts the attempts to connect; what an older attempt brings is dropped.
    private(set) var attempt = 1
    private(set) var blockedReason: String?
    private var calls = CallQueue()
    private var isControlChannelOpen = false
    private var pendingEvents: [Event] = []
    private var mayHaveFrames = false
    private var framesLeft = 0
    private var lastRead = ContinuousClock.now

    init(configuration: ConnectionConfiguration, loop: ConnectionLoop, backoff: Backoff, logger: Logger) {
        self.configuration = configuration
        self.loop = loop
        self.backoff = backoff
        var logger = logger
        logger[metadataKey: "amqp.endpoint"] = "\(configuration.endpoint)"
        self.logger = logger
    }

    var isReady: Bool { if case .ready = phase { true } else { false } }

    /// Whether nothing more will come, not even the event of the end.
    var isEnded: Bool { if case .closed = phase { pendingEvents.isEmpty } else { false } }

    /// Whether it is closed or about to be.
    var isClosed: Bool {
        switch phase {
        case .closing, .closed: true
        default: false
        }
    }

    // MARK: Opening

    /// - Throws: `rabbitmq.closed` where the session was closed meanwhile.
    func adopt(_ new: Transport, attempt: Int) throws(RabbitMQError) {
        guard case .connecting = phase, attempt == self.attempt else { throw isClosed ? .closed : Self.superseded }
        transport = new
        generation += 1
        phase = .settingUp
        isControlChannelOpen = false
        blockedReason = nil
        loop.socket = new.socket
        mayHaveFrames = true
    }

    /// - Throws: where the connection was lost again right after the last answer of its setting up.
    func finishSetUp(attempt: Int) throws(RabbitMQError) {
        guard case .settingUp = phase, attempt == self.attempt else { throw isClosed ? .closed : Self.superseded }
        phase = .ready
        readySince = .now
        monitor.connected(generation: generation, serverVersion: transport?.serverVersion)
        logger.info("RabbitMQ connected", metadata: ["amqp.generation": "\(generation)", "amqp.server.version": "\(transport?.serverVersion ?? "unknown")"])
    }

    private static let superseded = RabbitMQError(.connectionLost, "the connection to RabbitMQ was lost while it was being set up; it is opened again", isRetriable: true)

    /// An attempt to connect has failed.
    func fail(_ error: RabbitMQError, attempt: Int) { if attempt == self.attempt { fail(error) } }

    /// The connection has failed.
    func fail(_ error: RabbitMQError) {
        switch phase {
        case .waiting, .closed: return
        case .closing: return finishClosing()
        case .connecting, .settingUp, .ready: break
        }
        if let since = readySince.take(), .now - since >= Self.steadyAfter { backoff.succeeded() }
        let delay = backoff.failed()
        phase = .waiting(until: .now + delay)
        logger.warning("RabbitMQ connection failed", metadata: ["amqp.generation": "\(generation)", "amqp.retry.seconds": "\(delay / .seconds(1))", "error.code": "\(error.code)", "error.message": "\(error)"])
        monitor.update { health in
            health.state = .reconnecting
            health.lastError = error
            health.blockedReason = nil
            health.consumersRegistered = 0
        }
        let hadTransport = transport != nil
        drop(error)
        if hadTransport { pendingEvents.append(.lost(generation: generation, error)) }
    }

    private func drop(_ error: RabbitMQError) {
        transport = nil
        loop.socket = -1
        loop.wantsToWrite = false
        blockedReason = nil
        isControlChannelOpen = false
        mayHaveFrames = false
        for call in calls.removeAll() { call.completion?(.failure(error)) }
    }

    // MARK: Closing

    /// Says good-bye to the broker; `closed` comes as an event, at the latest after a second.
    func beginClosing() {
        guard !isClosed else { return }
        for call in calls.removeAll() { call.completion?(.failure(.closed)) }
        guard let transport, transport.hasRoom(forBytes: 64) else { return finishClosing() }
        phase = .closing(until: .now + Self.closeLimit)
        let farewell = amqp_connection_close_t(reply_code: 200, reply_text: amqp_empty_bytes, class_id: 0, method_id: 0)
        do throws(RabbitMQError) { try transport.send(amqp_method_number_t(AMQP_CONNECTION_CLOSE_METHOD), farewell, channel: 0) } catch { finishClosing() }
    }

    private func finishClosing() {
        phase = .closed
        drop(.closed)
        monitor.finish()
        pendingEvents.append(.closed)
    }

    // MARK: Serving

    func beginRound(_ readiness: ConnectionLoop.Readiness, now: ContinuousClock.Instant) {
        monitor.ticked(now: now)
        if readiness.isWritable { loop.wantsToWrite = false }
        // The library serves heartbeats while it reads, hence at least once a tick.
        if readiness.isReadable || now - lastRead >= ConnectionLoop.tick { mayHaveFrames = transport != nil }
        framesLeft = Self.framesPerRound
        for (subject, completion) in calls.expire(now: now) {
            let cause = blockedReason.map { "the broker is blocked: \($0)" }
            completion(.failure(RabbitMQError(.callTimeout, "RabbitMQ did not answer about \(subject) within \(configuration.callTimeout); look at its load and its alarms", cause: cause, isRetriable: true)))
        }
        // A channel does one thing after the other: one that waits for a queue that is gone does so for ever. A broker with an alarm answers when it is over.
        if calls.isStuck(channel: Self.controlChannel), blockedReason == nil {
            fail(RabbitMQError(.connectionLost, "RabbitMQ left a question unanswered for \(configuration.callTimeout), and those behind it; the connection is opened again", isRetriable: true))
        }
        switch phase {
        case .waiting(let until) where until <= now:
            phase = .connecting
            attempt += 1
            pendingEvents.append(.reconnectDue)
        case .closing(let until) where until <= now: finishClosing()
        default: break
        }
    }

    func nextEvent(now: ContinuousClock.Instant) -> Event? {
        while true {
            if !pendingEvents.isEmpty { return pendingEvents.removeFirst() }
            guard mayHaveFrames, framesLeft > 0, let transport else { return nil }
            framesLeft -= 1
            do throws(RabbitMQError) {
                guard let frame = try transport.nextFrame() else {
                    mayHaveFrames = false
                    lastRead = now
                    return nil
                }
                if let event = handle(frame, transport) { return event }
            } catch { fail(error) }
        }
    }

    /// When the loop must come round again.
    var nextWake: ContinuousClock.Instant? {
        if mayHaveFrames || !pendingEvents.isEmpty { return .now }
        switch phase {
        case .waiting(let until), .closing(let until): return until
        default: return calls.nextDeadline
        }
    }

    private func handle(_ frame: InboundFrame, _ transport: Transport) -> Event? {
        switch frame {
        case .ignored: return nil
        case .reply(let channel, let reply):
            if channel == Self.controlChannel { isControlChannelOpen = true }
            calls.answered(channel: channel)?.completion?(.success(reply))
            advance(channel: channel)
            return nil
        case .channelClosed(let channel, let code, let text):
            send(amqp_method_number_t(AMQP_CHANNEL_CLOSE_OK_METHOD), amqp_channel_close_ok_t(), channel: channel)
            closeCalls(channel: channel, code: code, text: text)
            return channel == Self.controlChannel ? nil : .frame(frame)
        case .connectionClosed(let code, let text):
            send(amqp_method_number_t(AMQP_CONNECTION_CLOSE_OK_METHOD), amqp_connection_close_ok_t(), channel: 0)
            var error = RabbitMQError.fromServer(code: code, text: text, subject: configuration.endpoint)
            error.isRetriable = true
            fail(error)
            return nil
        case .connectionCloseOK:
            finishClosing()
            return nil
        case .blocked(let reason):
            blockedReason = reason
            monitor.update { $0.blockedReason = reason }
            logger.warning("RabbitMQ blocks publishing", metadata: ["amqp.blocked.reason": "\(reason)"])
            return .frame(frame)
        case .unblocked:
            blockedReason = nil
            monitor.update { $0.blockedReason = nil }
            logger.info("RabbitMQ takes messages again")
            return .frame(frame)
        default: return isClosed ? nil : .frame(frame)
        }
    }

    /// The broker refused the call that was under way and closed its channel. The control channel is opened again for the rest.
    private func closeCalls(channel: UInt16, code: UInt16, text: String) {
        if let call = calls.answered(channel: channel) {
            call.completion?(.failure(.fromServer(code: code, text: text, subject: call.call.subject)))
        }
        if channel == Self.controlChannel {
            isControlChannelOpen = false
            advance(channel: channel)
        } else {
            for call in calls.removeAll(channel: channel) { call.completion?(.failure(.fromServer(code: code, text: text, subject: call.call.subject))) }
        }
    }

    // MARK: Calls

    /// Sends a method when its turn on the channel comes; `completion` hears the broker's answer.
    func call(_ call: BrokerCall, channel: UInt16, completion: @escaping CallQueue.Completion) {
        guard !isClosed else { return completion(.failure(.closed)) }
        guard transport != nil else {
            return completion(.failure(RabbitMQError(.notConnected, "RabbitMQ at \(configuration.endpoint) is not connected; it is being reconnected", isRetriable: true)))
        }
        calls.append(CallQueue.Call(call: call, deadline: .now + configuration.callTimeout, completion: completion), channel: channel)
        advance(channel: channel)
    }

    private func advance(channel: UInt16) {
        while calls.isDue(channel: channel), let transport {
            if channel == Self.controlChannel, !isControlChannelOpen {
                calls.prepend(CallQueue.Call(call: .openChannel, deadline: .now + configuration.callTimeout, completion: { _ in }), channel: channel)
            }
            guard let call = calls.startNext(channel: channel) else { return }
            do throws(RabbitMQError) { try call.send(on: transport, channel: channel) } catch {
                calls.answered(channel: channel)?.completion?(.failure(error))
                if error.code == .connectionLost { fail(error) }
            }
        }
    }

    /// Sends a method that has no answer.
    func send<Arguments>(_ id: amqp_method_number_t, _ arguments: Arguments, channel: UInt16) {
        do throws(RabbitMQError) { try transport?.send(id, arguments, channel: channel) } catch { fail(error) }
    }
}
