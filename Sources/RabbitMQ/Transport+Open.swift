import CRabbitMQ
import Glibc

extension Transport {
    /// Resolves, connects and logs in on a thread of its own, so that neither the loop nor a thread of the pool waits for a
    /// broker that does not answer.
    static func open(_ configuration: ConnectionConfiguration) async throws(RabbitMQError) -> Transport {
        let result: Result<Transport, RabbitMQError> = await withCheckedContinuation { continuation in
            let job = OpeningJob(configuration: configuration) { continuation.resume(returning: $0) }
            let reference = Unmanaged.passRetained(job)
            var thread = pthread_t()
            // The thread takes the one reference back; when it never started it is taken back here.
            let status = pthread_create(&thread, nil, { argument in
                if let argument { Unmanaged<OpeningJob>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, reference.toOpaque())
            guard status == 0 else {
                reference.release()
                let error = RabbitMQError(.systemResource, "no thread to open a RabbitMQ connection; raise the limit of processes", cause: String(cString: strerror(status)), isRetriable: true)
                return continuation.resume(returning: .failure(error))
            }
            pthread_detach(thread)
        }
        return try result.get()
    }

    private final class OpeningJob: Sendable {
        let configuration: ConnectionConfiguration
        let completion: @Sendable (Result<Transport, RabbitMQError>) -> Void

        init(configuration: ConnectionConfiguration, completion: @escaping @Sendable (Result<Transport, RabbitMQError>) -> Void) {
            self.configuration = configuration
            self.completion = completion
        }

        func run() {
            crabbitmq_name_thread("amqp-open")
            do throws(RabbitMQError) { completion(.success(try Transport.openBlocking(configuration))) } catch { completion(.failure(error)) }
        }
    }

    private static func openBlocking(_ configuration: ConnectionConfiguration) throws(RabbitMQError) -> Transport {
        guard let state = amqp_new_connection() else {
            throw RabbitMQError(.systemResource, "no memory for a RabbitMQ connection; free some", isRetriable: true)
        }
        do throws(RabbitMQError) {
            try openSocket(state, configuration)
            let version = try login(state, configuration)
            setNoDelay(amqp_get_sockfd(state))
            return Transport(state: state, configuration: configuration, serverVersion: version)
        } catch {
            amqp_destroy_connection(state)
            throw error
        }
    }

    private static func openSocket(_ state: amqp_connection_state_t, _ configuration: ConnectionConfiguration) throws(RabbitMQError) {
        // The socket belongs to `state` from here on.
        guard let socket = configuration.tls == nil ? amqp_tcp_socket_new(state) : amqp_ssl_socket_new(state) else {
            throw RabbitMQError(.systemResource, "no memory for a socket to RabbitMQ; free some", isRetriable: true)
        }
        if let tls = configuration.tls {
            amqp_ssl_socket_set_verify_peer(socket, tls.verifiesPeer ? 1 : 0)
            amqp_ssl_socket_set_verify_hostname(socket, tls.verifiesPeer ? 1 : 0)
            _ = amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
            if tls.verifiesPeer, amqp_ssl_socket_set_cacert(socket, tls.authorityFile) != AMQP_STATUS_OK.rawValue {
                throw RabbitMQError(.tlsFailure, "the authorities for RabbitMQ cannot be read from \(tls.authorityFile); give a PEM file with cacertfile=")
            }
            if let certificate = tls.certificateFile, let key = tls.keyFile, amqp_ssl_socket_set_key(socket, certificate, key) != AMQP_STATUS_OK.rawValue {
                throw RabbitMQError(.tlsFailure, "the client certificate \(certificate) or its key \(key) cannot be read; give PEM files with certfile= and keyfile=")
            }
        }
        var limit = configuration.connectTimeout.timeval
        let status = amqp_socket_open_noblock(socket, configuration.host, Int32(configuration.port), &limit)
        guard status != AMQP_STATUS_OK.rawValue else { return }
        throw openingError(status, configuration)
    }

    /// - Returns: the version the broker says it has.
    private static func login(_ state: amqp_connection_state_t, _ configuration: ConnectionConfiguration) throws(RabbitMQError) -> String? {
        var limit = configuration.connectTimeout.timeval
        _ = amqp_set_handshake_timeout(state, &limit)
        _ = amqp_set_rpc_timeout(state, &limit)
        let heartbeat = Int32(clamping: configuration.heartbeat.components.seconds)
        let reply = try CallArguments.with { (arguments: inout CallArguments) throws(RabbitMQError) in
            // librabbitmq advertises none of these by itself.
            let capabilities = try arguments.table(["consumer_cancel_notify": true, "connection.blocked": true, "publisher_confirms": true, "basic.nack": true, "authentication_failure_close": true])
            var properties = try arguments.table(nesting: "capabilities", capabilities, besides: ["connection_name": .text(configuration.clientName)])
            return crabbitmq_login_plain(state, configuration.virtualHost, 2047, Int32(AMQP_DEFAULT_FRAME_SIZE), heartbeat, &properties, configuration.user, configuration.password)
        }
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return serverVersion(state)
        case AMQP_RESPONSE_SERVER_EXCEPTION:
            guard reply.reply.id == AMQP_CONNECTION_CLOSE_METHOD, let decoded = reply.reply.decoded else { break }
            // Invariant: `decoded` belongs to the id that was checked above and lives as long as `state`.
            let close = decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            throw .fromServer(code: close.reply_code, text: close.reply_text.copiedText, subject: configuration.endpoint)
        default: break
        }
        throw openingError(reply.library_error, configuration)
    }

    private static func serverVersion(_ state: amqp_connection_state_t) -> String? {
        guard let table = amqp_get_server_properties(state) else { return nil }
        for entry in UnsafeBufferPointer(start: table.pointee.entries, count: Int(table.pointee.num_entries))
        where entry.key.copiedText == "version" && entry.value.kind == UInt8(AMQP_FIELD_KIND_UTF8.rawValue) {
            return entry.value.value.bytes.copiedText
        }
        return nil
    }

    /// Acknowledgements and small batches must not wait for Nagle's algorithm.
    private static func setNoDelay(_ socket: Int32) {
        var on: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func openingError(_ status: Int32, _ configuration: ConnectionConfiguration) -> RabbitMQError {
        let cause = String(cString: amqp_error_string2(status))
        let place = configuration.endpoint
        switch status {
        case AMQP_STATUS_HOSTNAME_RESOLUTION_FAILED.rawValue:
            return RabbitMQError(.cannotResolve, "the host \(configuration.host) of RabbitMQ has no address; check its name", cause: cause, isRetriable: true)
        case AMQP_STATUS_TIMEOUT.rawValue, AMQP_STATUS_HEARTBEAT_TIMEOUT.rawValue:
            return RabbitMQError(.connectTimeout, "RabbitMQ at \(place) did not answer within \(configuration.connectTimeout); check that it runs and that no firewall is between", cause: cause, isRetriable: true)
        case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED.rawValue:
            return RabbitMQError(.tlsFailure, "the certificate of RabbitMQ is not for the host \(configuration.host); use the name in the certificate", cause: cause)
        case AMQP_STATUS_SSL_PEER_VERIFY_FAILED.rawValue:
            return RabbitMQError(.tlsFailure, "the certificate of RabbitMQ at \(place) is not trusted; name its authority with cacertfile=", cause: cause)
        case AMQP_STATUS_SSL_ERROR.rawValue, AMQP_STATUS_SSL_CONNECTION_FAILED.rawValue:
            return RabbitMQError(.tlsFailure, "no TLS connection to RabbitMQ at \(place); check that this is its TLS port, and its certificate (cacertfile=)", cause: cause)
        case AMQP_STATUS_SOCKET_ERROR.rawValue, AMQP_STATUS_TCP_ERROR.rawValue:
            return RabbitMQError(.cannotConnect, "nothing accepts connections at \(place); start RabbitMQ or correct the URL", cause: cause, isRetriable: true)
        case AMQP_STATUS_CONNECTION_CLOSED.rawValue, AMQP_STATUS_SOCKET_CLOSED.rawValue:
            return RabbitMQError(.cannotConnect, "\(place) closed the connection during login; check that it speaks AMQP 0-9-1 on this port, without TLS where the URL says amqp://", cause: cause, isRetriable: true)
        default:
            return RabbitMQError(.cannotConnect, "no AMQP connection to \(place); check that RabbitMQ runs there", cause: cause, isRetriable: true)
        }
    }
}

extension Duration {
    fileprivate var timeval: timeval {
        let (seconds, attoseconds) = components
        return Glibc.timeval(tv_sec: Int(clamping: seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
    }
}
