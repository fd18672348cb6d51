extension ConnectionConfiguration {
    /// Reads `amqp://user:password@host:port/vhost?heartbeat=30` or
    /// `amqps://…?cacertfile=ca.pem&certfile=…&keyfile=…&verify=verify_peer|verify_none`.
    ///
    /// User, password, host and virtual host are percent-decoded; a virtual host whose name holds a slash is written `%2F…`.
    /// Without a path the virtual host is `/`. The other parameter is `connection_timeout` (milliseconds).
    /// See the RabbitMQ URI Specification and URI Query Parameters.
    ///
    /// - Throws: ``RabbitMQError`` with code `rabbitmq.invalid_url` that names the wrong part, and never quotes the credentials.
    public init(url: String) throws(RabbitMQError) {
        guard let separator = url.firstRange(of: "://") else { throw Self.invalid("the scheme", "start it with amqp:// or amqps://") }
        let scheme = url[..<separator.lowerBound].lowercased()
        guard scheme == "amqp" || scheme == "amqps" else { throw Self.invalid("the scheme", "it is amqp or amqps") }
        var rest = url[separator.upperBound...]
        guard !rest.contains("#") else { throw Self.invalid("the fragment", "write # in a password as %23") }

        let query = rest.firstIndex(of: "?").map { rest[rest.index(after: $0)...] }
        if let mark = rest.firstIndex(of: "?") { rest = rest[..<mark] }
        let path = rest.firstIndex(of: "/").map { rest[rest.index(after: $0)...] }
        if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }

        var credentials: Substring?
        if let at = rest.lastIndex(of: "@") {
            credentials = rest[..<at]
            rest = rest[rest.index(after: at)...]
        }
        let (host, port) = try Self.hostAndPort(rest, standardPort: scheme == "amqps" ? 5671 : 5672)
        self.init(host: host, port: port, tls: scheme == "amqps" ? TLS() : nil)
        if let credentials {
            let parts = credentials.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = try Self.decoded(parts[0], "the user")
            password = parts.count == 2 ? try Self.decoded(parts[1], "the password") : ""
        }
        if let path {
            guard !path.contains("/") else { throw Self.invalid("the virtual host", "write a slash in it as %2F") }
            virtualHost = try Self.decoded(path, "the virtual host")
        }
        if let query { try apply(query: query) }
    }

    private mutating func apply(query: Substring) throws(RabbitMQError) {
        for parameter in query.split(separator: "&") {
            let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard parts.count == 2, !parts[1].isEmpty else { throw Self.invalid("the parameter \(name)", "write it as \(name)=value") }
            let value = try Self.decoded(parts[1], "the parameter \(name)")
            switch name {
            case "heartbeat":
                guard let seconds = UInt16(value) else { throw Self.invalid("the parameter heartbeat", "it is whole seconds from 0 to 65535") }
                heartbeat = .seconds(Int(seconds))
            case "connection_timeout":
                guard let milliseconds = UInt32(value), milliseconds > 0 else { throw Self.invalid("the parameter connection_timeout", "it is whole milliseconds, at least 1") }
                connectTimeout = .milliseconds(Int(milliseconds))
            case "cacertfile", "certfile", "keyfile", "verify":
                try applyTLS(name, value)
            default:
                throw Self.invalid("the parameter \(name)", "known ones are heartbeat, connection_timeout, cacertfile, certfile, keyfile and verify")
            }
        }
        guard (tls?.certificateFile == nil) == (tls?.keyFile == nil) else { throw Self.invalid("certfile and keyfile", "give both or none") }
    }

    private mutating func applyTLS(_ name: String, _ value: String) throws(RabbitMQError) {
        guard var settings = tls else { throw Self.invalid("the parameter \(name)", "it needs amqps://") }
        switch name {
        case "cacertfile": settings.authorityFile = value
        case "certfile": settings.certificateFile = value
        case "keyfile": settings.keyFile = value
        default:
            switch value {
            case "verify_peer", "peer", "true": settings.verifiesPeer = true
            case "verify_none", "none", "false": settings.verifiesPeer = false
            default: throw Self.invalid("the parameter verify", "it is verify_peer or verify_none")
            }
        }
        tls = settings
    }

    private static func hostAndPort(_ text: Substring, standardPort: UInt16) throws(RabbitMQError) -> (String, UInt16) {
        var host = text
        var portText: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw invalid("the host", "an IPv6 address ends with ]") }
            host = text[text.index(after: text.startIndex)..<end]
            let after = text[text.index(after: end)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw invalid("the port", "write it as host:port") }
            if !after.isEmpty { portText = after.dropFirst() }
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            portText = text[text.index(after: colon)...]
        }
        guard !host.isEmpty else { throw invalid("the host", "give a name or an address") }
        let name = try decoded(host, "the host")
        guard let portText else { return (name, standardPort) }
        guard let port = UInt16(portText), port > 0 else { throw invalid("the port", "it is a number from 1 to 65535") }
        return (name, port)
    }

    /// Percent-decoding (RFC 3986 §2.1). NUL is refused: the C library would cut the text there.
    private static func decoded(_ text: Substring, _ part: String) throws(RabbitMQError) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else { bytes.append(byte); continue }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                throw invalid(part, "a percent sign is followed by two hexadecimal digits; write % itself as %25")
            }
            bytes.append(high << 4 | low)
        }
        guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else { throw invalid(part, "it is UTF-8 without NUL") }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func invalid(_ part: String, _ advice: String) -> RabbitMQError {
        RabbitMQError(.invalidURL, "the AMQP URL cannot be read: \(part) is wrong; \(advice)")
    }
}
