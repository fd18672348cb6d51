import Captioning
import ChatServerDouble
import Foundation
import Synchronization

/// The program's options: see ``usage``.
struct ProgramArguments {
    struct Problem: Error {
        let message: String
    }

    static let usage = """
        usage: chat-server-double [--port N] [--host ADDRESS] [--threads N] [--latency MS] [--piece-delay MS] [--error STATUS=RATE]… [--fault KIND=RATE]… [--seed N]
                                  [--rpm N] [--tpm N] [--context-window N] [--image-tokens N] [--prompt-price N] [--completion-price N] [--answers DIR]
                                  [--key KEY]… [--model NAME]… [--batch-looks N] [--hidden N] [--text TEXT]
        KIND: disconnect, hang, cut, truncate, stall, malformed, white-space. Prices: billionths of a dollar a token. DIR: the answer to a request with schema NAME is the text of DIR/NAME.json; 'example' gives answers that mvfleet's checks let pass.
        --hidden N takes prompts of embeddings too, as vLLM does with --enable-prompt-embeds, N numbers a token; they are answered with --text.
        """

    var host = "127.0.0.1"
    var port = 0
    var threads = 1
    var settings = DoubleSettings()

    init(_ arguments: [String]) throws {
        var latency = Duration.zero, pieceDelay = Duration.zero, errors: [(Int, Double)] = [], faults: [(String, Double)] = [], seed: UInt64 = 1
        var answers: [String: String]? = [:], models: [String] = [], completed: String?
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard option != "--help", let value = rest.popFirst() else { throw Problem(message: Self.usage) }
            switch option {
            case "--host": host = value
            case "--port": port = try Self.number(option, value)
            case "--threads": threads = max(1, try Self.number(option, value))
            case "--latency": latency = .milliseconds(try Self.number(option, value))
            case "--piece-delay": pieceDelay = .milliseconds(try Self.number(option, value))
            case "--error":
                let (name, rate) = try Self.rate(option, value)
                errors.append((try Self.number(option, name), rate))
            case "--fault": faults.append(try Self.rate(option, value))
            case "--seed": seed = UInt64(try Self.number(option, value))
            case "--rpm": settings.requestsPerMinute = try Self.number(option, value)
            case "--tpm": settings.tokensPerMinute = try Self.number(option, value)
            case "--context-window": settings.contextWindow = try Self.number(option, value)
            case "--image-tokens": settings.tokensPerImage = try Self.number(option, value)
            case "--prompt-price": settings.promptPrice = try Self.number(option, value)
            case "--completion-price": settings.completionPrice = try Self.number(option, value)
            case "--answers": answers = value == "example" ? nil : try Self.answers(value)
            case "--key": settings.keys.insert(value)
            case "--model": models.append(value)
            case "--batch-looks": settings.batch.looksPerState = try Self.number(option, value)
            case "--hidden": settings.hidden = try Self.number(option, value)
            case "--text": completed = value
            default: throw Problem(message: "chat-server-double: no option \(option)\n" + Self.usage)
            }
        }
        if !models.isEmpty { settings.models = models }
        settings.behave = Self.behaviour(latency: latency, pieceDelay: pieceDelay, errors: errors, faults: faults, seed: seed, answers: answers, completed: completed)
    }

    /// - Parameters:
    ///   - answers: by the schema's name; nil for examples.
    ///   - completed: to prompts of embeddings.
    private static func text(for request: CompletionRequest, _ answers: [String: String]?, _ completed: String?) -> String? {
        if request.embeddings != nil { return completed }
        guard let name = request.schemaName else { return nil }
        return answers == nil ? request.schema.flatMap { ExampleAnswer.json(schema: name, $0.json) } : answers?[name]
    }

    private static func behaviour(latency: Duration, pieceDelay: Duration, errors: [(Int, Double)], faults: [(String, Double)], seed: UInt64,
                                  answers: [String: String]?, completed: String?) -> @Sendable (CompletionRequest) -> Behaviour {
        let random = Mutex(SplitMix(state: seed))
        return { request in
            var (draw, place) = random.withLock { (Double.random(in: 0..<1, using: &$0), Int.random(in: 1...6, using: &$0)) }
            var behaviour = Behaviour(delay: latency, pieceDelay: pieceDelay, text: text(for: request, answers, completed))
            for (status, rate) in errors {
                draw -= rate
                guard draw >= 0 else {
                    behaviour.reply = .error(status)
                    return behaviour
                }
            }
            if !request.isStream { place *= 40 }
            for (kind, rate) in faults {
                draw -= rate
                guard draw < 0 else { continue }
                switch kind {
                case "disconnect": behaviour.reply = .disconnect
                case "hang": behaviour.reply = .hang
                case "cut": behaviour.fault = .cut(after: place)
                case "truncate": behaviour.fault = .truncate(after: place)
                case "stall": behaviour.fault = .stall(after: place, .seconds(3600))
                case "malformed": behaviour.fault = .malformed(after: place)
                default: behaviour.fault = .whiteSpace(after: place)
                }
                return behaviour
            }
            return behaviour
        }
    }

    private static func number(_ option: String, _ value: String) throws -> Int {
        guard let number = Int(value), number >= 0 else { throw Problem(message: "chat-server-double: \(option) wants a number, not \(value)") }
        return number
    }

    private static func rate(_ option: String, _ value: String) throws -> (String, Double) {
        let sides = value.split(separator: "=")
        guard sides.count == 2, let rate = Double(sides[1]), (0...1).contains(rate) else { throw Problem(message: "chat-server-double: \(option) wants NAME=RATE, not \(value)") }
        return (String(sides[0]), rate)
    }

    private static func answers(_ directory: String) throws -> [String: String] {
        var answers: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) where name.hasSuffix(".json") {
            answers[String(name.dropLast(5))] = try String(contentsOfFile: directory + "/" + name, encoding: .utf8)
        }
        return answers
    }
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
