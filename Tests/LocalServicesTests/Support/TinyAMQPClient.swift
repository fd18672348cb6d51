import Foundation
import Glibc

/// As much of AMQP 0-9-1 as a login and a durable queue take: an independent witness that the broker is ready, ours, and kept its data.
final class TinyAMQPClient {
    struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    private let socket: Int32
    private static let patience = timeval(tv_sec: 5, tv_usec: 0)

    /// Logs in to `amqp://USER:PASSWORD@127.0.0.1:PORT/VHOST` and opens channel 1.
    init(url: String) throws {
        guard let parts = URLComponents(string: url), let port = parts.port, let user = parts.user, let password = parts.password else {
            throw Refusal(description: "not a URL")
        }
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = Self.patience
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { throw Refusal(description: "no connection") }
        try write(Array("AMQP".utf8) + [0, 0, 9, 1])
        _ = try answer(10, 10)
        let response: [UInt8] = [0] + user.utf8 + [0] + password.utf8
        try send(0, 10, 11, Self.long(0) + Self.short("PLAIN") + Self.long(UInt32(response.count)) + response + Self.short("en_US"))
        let tuning = try answer(10, 30)
        try send(0, 10, 31, Array(tuning.prefix(6)) + [0, 0])
        try send(0, 10, 40, Self.short(String(parts.path.dropFirst())) + [0, 0])
        _ = try answer(10, 41)
        try send(1, 20, 10, [0])
        _ = try answer(20, 11)
    }

    deinit { close(socket) }

    /// - Parameter passive: only ask whether it is there.
    func declareDurableQueue(_ name: String, passive: Bool = false) throws {
        try send(1, 50, 10, [0, 0] + Self.short(name) + [passive ? 0b11 : 0b10] + Self.long(0))
        _ = try answer(50, 11)
    }

    private static func short(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + text.utf8 }
    private static func long(_ number: UInt32) -> [UInt8] { (0 ..< 4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) } }

    private func send(_ channel: UInt8, _ kind: UInt8, _ method: UInt8, _ arguments: [UInt8]) throws {
        let payload = [0, kind, 0, method] + arguments
        try write([1, 0, channel] + Self.long(UInt32(payload.count)) + payload + [0xce])
    }

    private func answer(_ kind: UInt8, _ method: UInt8) throws -> [UInt8] {
        while true {
            let header = try read(7)
            let size = header[3...].reduce(0) { $0 << 8 | Int($1) }
            let payload = try read(size + 1).dropLast()
            if header[0] == 8 { continue }
            guard Array(payload.prefix(4)) == [0, kind, 0, method] else {
                throw Refusal(description: "refused: \(String(decoding: payload.dropFirst(4).filter { $0 >= 0x20 && $0 < 0x7f }, as: UTF8.self))")
            }
            return Array(payload.dropFirst(4))
        }
    }

    private func write(_ bytes: [UInt8]) throws {
        guard bytes.withUnsafeBytes({ Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }) == bytes.count else {
            throw Refusal(description: "cannot be written to")
        }
    }

    private func read(_ count: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var chunk = [UInt8](repeating: 0, count: count - bytes.count)
            let got = chunk.withUnsafeMutableBytes { Glibc.read(socket, $0.baseAddress, $0.count) }
            guard got > 0 else { throw Refusal(description: "closed or silent") }
            bytes += chunk[..<got]
        }
        return bytes
    }
}
