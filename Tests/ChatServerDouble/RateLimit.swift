import NIOCore

/// A limit of so many a minute as providers keep it: full at first, refilled continuously.
struct RateLimit {
    let perMinute: Int
    private var level: Double
    private var updated: NIODeadline

    init(perMinute: Int, now: NIODeadline) {
        self.perMinute = perMinute
        level = Double(perMinute)
        updated = now
    }

    private var perSecond: Double { Double(perMinute) / 60 }

    /// Seconds until `amount` can be taken; zero where it can be now.
    mutating func wait(for amount: Int, now: NIODeadline) -> Double {
        level = min(Double(perMinute), level + Double((now - updated).nanoseconds) / 1e9 * perSecond)
        updated = now
        return max(0, (Double(amount) - level) / perSecond)
    }

    mutating func take(_ amount: Int) { level -= Double(amount) }

    func headers(_ kind: String) -> [(String, String)] {
        [("x-ratelimit-limit-\(kind)", String(perMinute)), ("x-ratelimit-remaining-\(kind)", String(Int(max(0, level)))),
         ("x-ratelimit-reset-\(kind)", Self.span((Double(perMinute) - level) / perSecond))]
    }

    /// As OpenAI writes it: `12ms`, `1.5s`, `6m0s`.
    static func span(_ seconds: Double) -> String {
        if seconds < 1 { return "\(Int((seconds * 1000).rounded()))ms" }
        let minutes = Int(seconds / 60), rest = ((seconds - Double(minutes) * 60) * 1000).rounded() / 1000
        return minutes > 0 ? "\(minutes)m\(rest)s" : "\(rest)s"
    }
}
