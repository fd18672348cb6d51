import FleetModel
import Ledger

/// What a job paid a language model for at one stage.
struct CostRow: Encodable {
    var stage: String
    var model: String
    var requests: Int
    var batched: Int
    var prompt_tokens: Int
    var cached_tokens: Int
    var answer_tokens: Int
    var cost_usd: Double
    /// Sent again because a process died while they were under way.
    var sent_again: Int

    init(_ usage: LanguageModelUsage) {
        stage = usage.stage.rawValue
        model = usage.model
        requests = usage.requests
        batched = usage.batched
        prompt_tokens = usage.promptTokens
        cached_tokens = usage.cachedTokens
        answer_tokens = usage.answerTokens
        cost_usd = usage.cost.dollars
        sent_again = usage.sentAgain
    }

    static func render(_ rows: [CostRow]) -> String {
        var table = TextTable([("STAGE", .left), ("MODEL", .left), ("REQUESTS", .right), ("BATCHED", .right), ("PROMPT TOKENS", .right), ("CACHED", .right), ("ANSWER TOKENS", .right),
                               ("SENT AGAIN", .right), ("USD", .right)])
        func add(_ stage: String, _ model: String, _ rows: [CostRow]) {
            func sum(_ value: (CostRow) -> Int) -> String { rows.reduce(0) { $0 + value($1) }.grouped }
            table.add([stage, TextTable.printable(model), sum(\.requests), sum(\.batched), sum(\.prompt_tokens), sum(\.cached_tokens), sum(\.answer_tokens), sum(\.sent_again),
                       "\((rows.reduce(0) { $0 + $1.cost_usd } * 1e6).rounded() / 1e6)"])
        }
        for row in rows { add(row.stage, row.model, [row]) }
        add("all", "", rows)
        return table.rendered()
    }
}
