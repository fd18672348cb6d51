import ChatCompletions

/// How fast to go, as a part of a limit, by what the server says is left of it. Pure.
///
/// Providers keep limits as buckets that are full at first and refilled continuously: as much is sent as keeps the bucket at a small rest, whatever an estimate of tokens
/// and the server's own count differ by. Where the headers speak of a window that begins anew, its rest is spread over its time.
package enum LimitPace {
    /// - Parameters:
    ///   - perMinute: the limit.
    ///   - remaining: what is left of it now.
    ///   - reset: when it will be whole again; nil where the server does not say.
    ///   - largest: the most that one request takes: the rest that is kept must have room for it.
    package static func pace(perMinute: Int, remaining: Int, reset: Duration?, largest: Int) -> Double {
        guard perMinute > 0, let reset else { return cautious }
        let limit = Double(perMinute), filled = min(max(Double(remaining) / limit, 0), 1)
        let seconds = Double(reset.components.seconds) + Double(reset.components.attoseconds) * 1e-18
        if abs(seconds - (1 - filled) * 60) < 5 {
            let kept = min(max(leastKept, 1.5 * Double(largest) / limit), 0.6)
            return min(max(1 + (filled - kept) * 4, 0.4), 2)
        }
        return min(max(cautious * filled * 60 / max(seconds, 1), 0.2), 1.5)
    }

    /// Where nothing tells how far the limit is used.
    package static let cautious = 0.95
    private static let leastKept = 0.1
}
