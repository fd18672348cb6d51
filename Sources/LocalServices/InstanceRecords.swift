import Foundation

/// What is remembered about the private PostgreSQL.
struct PostgreSQLRecord: Codable, Hashable, Sendable {
    var password: String
    var administratorPassword: String
    /// Where the socket is; not below the data directory when that path is too long for a socket's name.
    var socketDirectory: String?
}

/// What is remembered about the private RabbitMQ.
struct RabbitMQRecord: Codable, Hashable, Sendable {
    struct Ports: Codable, Hashable, Sendable {
        var amqp: UInt16, distribution: UInt16, nameService: UInt16

        var all: [UInt16] { [amqp, distribution, nameService] }
    }

    /// The node's name is the name of its database's directory: it stays.
    var nodeName: String
    var password: String
    var ports: Ports
}

enum InstanceRecords {
    static func read<Record: Decodable>(_: Record.Type, _ path: String) throws -> Record? {
        guard SmallFile.exists(path) else { return nil }
        let text = try SmallFile.read(path, limit: 64 << 10)
        do {
            return try JSONDecoder().decode(Record.self, from: Data(text.utf8))
        } catch {
            // Not the decoder's words: they could quote the file, which holds passwords.
            throw ServiceError(.corrupt, "\(path), which holds the generated credentials, cannot be understood; restore it, or remove \((path as NSString).deletingLastPathComponent) to start with empty servers")
        }
    }

    static func write(_ record: some Encodable, _ path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try SmallFile.replace(path, with: String(decoding: try encoder.encode(record), as: UTF8.self) + "\n", mode: 0o600)
    }
}
