import FleetModel

/// The body of a message: `{"epoch":…,"q":…,"seq":…,"task":…}`. It is a hint to claim, never the truth.
package enum TaskMessage {
    package static func encode(_ token: ReadyToken) -> [UInt8] {
        Array("{\"epoch\":\(token.epoch),\"q\":\(token.queue),\"seq\":\(token.seq),\"task\":\(token.task)}".utf8)
    }

    /// - Returns: nil for anything that this fleet did not write; such a message is dropped.
    package static func decode(_ body: [UInt8]) -> ReadyToken? {
        guard body.count <= 200 else { return nil }
        struct Body: Decodable {
            var epoch: Int64
            var q: Int32
            var seq: Int64
            var task: Int64
        }
        guard let value = try? CanonicalJSON.decode(Body.self, from: String(decoding: body, as: UTF8.self)) else { return nil }
        return ReadyToken(epoch: value.epoch, queue: value.q, seq: value.seq, task: value.task)
    }
}
