/// What a server double has seen and done.
public struct DoubleCounts: Hashable, Sendable {
    /// For completions, outside of batches.
    public var requests = 0
    /// Of them: answered with 200 to the end.
    public var answered = 0
    /// Different bodies among the requests.
    public var uniqueBodies = 0
    /// Different bodies that were answered.
    public var uniqueAnswered = 0
    /// Given up by the client before the answer was whole.
    public var aborted = 0
    public var inFlight = 0
    public var mostInFlight = 0
    /// Connections accepted.
    public var connections = 0
    public var statuses: [Int: Int] = [:]
    public var promptTokens = 0
    public var completionTokens = 0
    /// Of all that was answered, in batches too.
    public var nanoDollars = 0
    public var files = 0
    public var batches = 0
    public var batchLines = 0

    var json: JSONValue {
        .object([
            "requests": .integer(requests), "answered": .integer(answered), "unique_bodies": .integer(uniqueBodies), "unique_answered": .integer(uniqueAnswered),
            "aborted": .integer(aborted), "in_flight": .integer(inFlight), "most_in_flight": .integer(mostInFlight), "connections": .integer(connections),
            "statuses": .object(statuses.sorted { $0.key < $1.key }.map { JSONValue.Member(name: String($0.key), value: .integer($0.value)) }),
            "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(completionTokens), "nano_dollars": .integer(nanoDollars),
            "files": .integer(files), "batches": .integer(batches), "batch_lines": .integer(batchLines),
        ])
    }
}
