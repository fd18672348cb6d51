import Glibc

/// TCP ports on 127.0.0.1.
enum LoopbackPort {
    /// Below Linux's range of ephemeral ports, so that no outgoing connection takes one while the servers are down.
    static let range: ClosedRange<UInt16> = 20_000 ... 31_999

    /// Whether a server could listen on the port now.
    static func isFree(_ port: UInt16) -> Bool {
        withSocket(port) { descriptor, address, length in
            var reuse: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
            return bind(descriptor, address, length) == 0 && listen(descriptor, 1) == 0
        }
    }

    /// Whether something accepts connections on the port.
    static func isListening(_ port: UInt16) -> Bool {
        withSocket(port) { descriptor, address, length in connect(descriptor, address, length) == 0 }
    }

    /// `count` different ports that are free now, drawn from `range`.
    static func choose(_ count: Int, avoiding taken: Set<UInt16> = [], random: () -> UInt64) throws -> [UInt16] {
        var chosen: [UInt16] = []
        for _ in 0 ..< 2000 where chosen.count < count {
            let port = range.lowerBound + UInt16(random() % UInt64(range.count))
            if !chosen.contains(port), !taken.contains(port), isFree(port) { chosen.append(port) }
        }
        guard chosen.count == count else {
            throw ServiceError(.portTaken, "no \(count) free ports on 127.0.0.1 between \(range.lowerBound) and \(range.upperBound); end what listens there", isRetriable: true)
        }
        return chosen
    }

    private static func withSocket(_ port: UInt16, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        // A sockaddr_in is at least as large as a sockaddr, and both calls copy it.
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
