import Foundation
import FleetModel

/// What a child process can be asked to do, by name.
public struct ChildHandler: Sendable {
    public let name: String
    /// The longest one request may take, where that is more than the child's limits say.
    let seconds: UInt32
    let handle: @Sendable (String) throws -> ChildMessage

    /// - Parameters:
    ///   - seconds: the longest one request may take, where that is more than the child's limits say. It is for a child whose worker has died: workers have limits of their own.
    ///   - handle: runs in the child on the decoded request. What it throws reaches the worker as a ``FleetError``.
    public init<Request: Decodable & SendableMetatype>(_ name: String, seconds: UInt32 = 0, handle: @escaping @Sendable (Request) throws -> ChildMessage) {
        self.name = name
        self.seconds = seconds
        self.handle = { try handle(try CanonicalJSON.decode(Request.self, from: $0)) }
    }
}

/// The child's side: reads requests from standard input and answers on standard output until the input ends.
///
/// It gives away what it does not need before it reads the first byte of a medium: see ``ChildSandbox``.
public struct ChildServer {
    private let handlers: [String: ChildHandler]
    private let limits: ChildLimits

    public init(handlers: [ChildHandler], limits: ChildLimits = ChildLimits()) {
        self.handlers = Dictionary(uniqueKeysWithValues: handlers.map { ($0.name, $0) })
        self.limits = limits
    }

    /// Returns when standard input ends. Throws when it cannot be confined.
    public func run() throws {
        try ChildSandbox.confine(limits)
        var parser = ChildMessageParser()
        let input = FileHandle.standardInput
        let output = FileHandle.standardOutput
        while true {
            let piece = input.availableData
            guard !piece.isEmpty else { return }
            guard let request = try parser.append(piece) else { continue }
            let name = request.attachments.first.map { String(decoding: $0, as: UTF8.self) } ?? ""
            // Should the worker die while this hangs, nobody else would end it.
            alarm(max(limits.seconds, handlers[name]?.seconds ?? 0))
            let answer = answer(to: request, for: name)
            alarm(0)
            try output.write(contentsOf: answer.encoded())
        }
    }

    private func answer(to request: ChildMessage, for name: String) -> ChildMessage {
        do {
            guard let handler = handlers[name] else {
                throw FleetError(.internal, "a child process was asked for '\(name)', which it does not know")
            }
            var message = try handler.handle(request.json)
            message.attachments.insert(ChildMessage.completed, at: 0)
            return message
        } catch {
            let error = error as? FleetError ?? FleetError(.internal, "'\(name)' failed in a child process", cause: error)
            let text = (try? CanonicalJSON.encode(error)) ?? "{}"
            return ChildMessage(json: text, attachments: [ChildMessage.failed])
        }
    }
}
