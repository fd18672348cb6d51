import FleetModel
import Foundation

/// Child processes that decode what comes from outside, kept for reuse: the price of a process start is paid once in many clips.
///
/// A crash, a hang or a memory limit ends the one item that was being worked on; the child is replaced.
public actor ChildProcessPool {
    /// How a child is started: this program with these arguments, under nothing but this environment.
    public struct Configuration: Sendable {
        public var executable: String
        public var arguments: [String]
        public var environment: [String: String]
        /// The most children that live at once; further requests wait in turn.
        public var size: Int
        /// A child is replaced after so many requests, so that what a decoder leaks stays bounded.
        public var requestsPerChild: Int
        /// Arguments of the child that is asked again where one died, if another kind of child may live where the usual dies: one that uses no driver.
        public var spareArguments: [String]?

        public init(executable: String, arguments: [String], environment: [String: String], size: Int, requestsPerChild: Int = 500, spareArguments: [String]? = nil) {
            self.executable = executable
            self.arguments = arguments
            self.spareArguments = spareArguments
            self.environment = environment
            self.size = max(size, 1)
            self.requestsPerChild = requestsPerChild
        }
    }

    private struct Member {
        var child: ChildProcess
        var requests: Int
        /// Started with the spare arguments: not kept, since the next request is for the usual kind.
        var isSpare = false
    }

    private let configuration: Configuration
    private var idle: [Member] = []
    private var lent = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []

    public init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// Asks a child for `handler` with this request.
    ///
    /// - Throws: the handler's own ``FleetError``, or one with code `child.died`, `child.time_limit` or `child.garbled` that names `subject`.
    public func ask(_ handler: String, _ request: some Encodable & Sendable, about subject: String, within limit: Duration) async throws -> ChildMessage {
        let json = try CanonicalJSON.encode(request)
        while lent >= configuration.size {
            await withCheckedContinuation { waiters.append($0) }
        }
        lent += 1
        defer {
            lent -= 1
            if !waiters.isEmpty { waiters.removeFirst().resume() }
        }
        try Task.checkCancellation()
        let question = ChildMessage(json: json, attachments: [Array(handler.utf8)])
        var member = try quietMember()
        var end = await member.child.ask(question, within: limit)
        if case .failure(.died) = end, member.requests > 0 || configuration.spareArguments != nil, !Task.isCancelled {
            // What an earlier file left behind may have ended it, or the kernel's want of memory, or a driver: a new child tells whether it was this file.
            member = try newMember(isSpare: configuration.spareArguments != nil)
            end = await member.child.ask(question, within: limit)
        }
        switch end {
        case .success(var answer):
            let verdict = answer.attachments.isEmpty ? [] : answer.attachments.removeFirst()
            let failure = verdict == ChildMessage.failed ? try? CanonicalJSON.decode(FleetError.self, from: answer.json) : nil
            guard verdict == ChildMessage.completed || failure != nil else {
                throw ChildProcessPool.error(.garbled("neither a result nor an error"), subject)
            }
            member.requests += 1
            // Cancellation may have killed the child just after it answered.
            if member.requests < configuration.requestsPerChild, !member.isSpare, !Task.isCancelled { idle.append(member) }
            if let failure { throw failure }
            return answer
        case .failure(let end):
            try Task.checkCancellation()
            throw ChildProcessPool.error(end, subject)
        }
    }

    /// Ends the idle children and waits until they are gone. A process that ends without it leaves them to see that for themselves, and what they used is counted as nobody's.
    public func endIdleChildren() {
        for member in idle { member.child.end() }
        idle = []
    }

    /// An idle child that still lives, or a new one.
    private func quietMember() throws -> Member {
        while let member = idle.popLast() {
            if member.child.isQuiet { return member }
        }
        return try newMember()
    }

    private func newMember(isSpare: Bool = false) throws -> Member {
        let arguments = isSpare ? configuration.spareArguments ?? configuration.arguments : configuration.arguments
        return Member(child: try ChildProcess(executable: configuration.executable, arguments: arguments, environment: configuration.environment), requests: 0, isSpare: isSpare)
    }

    private static func error(_ end: ChildEnd, _ subject: String) -> FleetError {
        switch end {
        case .hung(let limit):
            FleetError(.childTimeLimit, "\(subject): decoding did not end within \(limit); the file is damaged or far too long: cut it, or take it out of the catalogue", isRetriable: true)
        case .died(let how):
            FleetError(.childDied, "\(subject): decoding ended its process (\(how)); the file is damaged in a way that its decoder does not survive, or needs more memory than a child may take: convert it with ffmpeg, or take it out of the catalogue", isRetriable: true)
        case .garbled(let what):
            FleetError("child.garbled", "\(subject): the decoding process gave an answer that does not read (\(what)); the file is hostile, or this is a fault of the program")
        }
    }
}
