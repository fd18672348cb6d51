import ChatCompletions
import ChatServerDouble
import Testing

/// A client whose waits take no time and are written down.
struct ClientFixture: Sendable {
    let client: ChatClient
    let waits = Collected<Duration>()

    init(_ endpoints: [Endpoint], gate: (any AttemptGate)? = nil, _ change: (inout ChatClientOptions) -> Void = { _ in }) throws {
        var options = ChatClientOptions()
        let waits = waits
        options.sleep = {
            waits.append($0)
            try Task.checkCancellation()
        }
        options.chance = { 0 }
        change(&options)
        client = try ChatClient(endpoints: endpoints, options: options, gate: gate)
    }

    /// A client of one double, for the length of `body`.
    static func with<Value>(_ server: ChatServerDouble, key: String? = nil, gate: (any AttemptGate)? = nil, _ change: (inout ChatClientOptions) -> Void = { _ in },
                            _ body: (ClientFixture) async throws -> Value) async throws -> Value {
        try await with([.named(url: server.url, key: key)], gate: gate, change, body)
    }

    static func with<Value>(_ endpoints: [Endpoint], gate: (any AttemptGate)? = nil, _ change: (inout ChatClientOptions) -> Void = { _ in },
                            _ body: (ClientFixture) async throws -> Value) async throws -> Value {
        let fixture = try ClientFixture(endpoints, gate: gate, change)
        do {
            let value = try await body(fixture)
            await fixture.client.shutdown()
            return value
        } catch {
            await fixture.client.shutdown()
            throw error
        }
    }

    func ask(_ request: ChatRequest = .asking("hello"), deadline: Duration = .seconds(60)) async throws -> ChatAnswer {
        try await client.complete(request, deadline: deadline)
    }

    /// Listens to a stream, and does nothing with it.
    static let deaf: @Sendable (String) -> Void = { _ in }

    func expectAnswer() async throws {
        let answer = try await ask()
        #expect(answer.finishReason == "stop")
    }

    /// The error that a request ends with.
    func failure(_ request: ChatRequest = .asking("hello"), deadline: Duration = .seconds(60), streams: Bool = false) async -> ChatError? {
        let listen: (@Sendable (String) -> Void)? = streams ? Self.deaf : nil
        do {
            _ = try await client.complete(request, deadline: deadline, onText: listen)
            return nil
        } catch { return error }
    }
}

extension DoubleSettings {
    static func behaving(_ behave: @escaping @Sendable (CompletionRequest) -> Behaviour) -> DoubleSettings {
        var settings = DoubleSettings()
        settings.behave = behave
        return settings
    }

    /// These, one a request, and good answers after them.
    static func script(_ behaviours: Behaviour...) -> DoubleSettings {
        behaving { $0.number < behaviours.count ? behaviours[$0.number] : Behaviour() }
    }
}
