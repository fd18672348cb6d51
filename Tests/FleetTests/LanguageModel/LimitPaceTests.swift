import ChatCompletions
import Fleet
import Testing

/// A sender that follows ``LimitPace`` against a bucket as providers keep it.
struct LimitPaceTests {
    /// - Parameters:
    ///   - ratio: what the server counts for what we estimate as one.
    ///   - window: the bucket is whole again each minute, in place of being refilled.
    /// - Returns: the share of the limit that was used, and of the requests that were refused, over ten minutes after the first.
    private func simulate(perMinute: Int, each: Int, ratio: Double, window: Bool) -> (used: Double, refused: Double) {
        let limit = Double(perMinute), step = 0.05
        var level = limit, pace = LimitPace.cautious, owed = 0.0, time = 0.0
        var sent = 0, refused = 0, taken = 0.0
        while time < 660 {
            if window, Int(time / 60) != Int((time - step) / 60) { level = limit }
            if !window { level = min(limit, level + limit / 60 * step) }
            owed = min(owed + limit / 60 * pace * step, Double(each) + limit / 30)
            while owed >= Double(each) {
                owed -= Double(each)
                let charge = Double(each) * ratio, isCounted = time >= 60
                if isCounted { sent += 1 }
                guard level >= charge else {
                    if isCounted { refused += 1 }
                    owed = 0
                    break
                }
                level -= charge
                if isCounted { taken += charge }
                let reset = window ? 60 - time.truncatingRemainder(dividingBy: 60) : (limit - level) / (limit / 60)
                pace = LimitPace.pace(perMinute: perMinute, remaining: Int(level), reset: .seconds(reset), largest: each)
            }
            time += step
        }
        return (taken / (limit * 10), Double(refused) / Double(max(sent, 1)))
    }

    @Test(arguments: [(500, 1), (60, 1), (10, 1), (200_000, 1_500), (200_000, 44_000), (30_000_000, 44_000)], [0.5, 1, 1.4])
    func `a bucket is used up and never empty, however wrong the estimates are`(limit: (perMinute: Int, each: Int), ratio: Double) {
        // Requests are counted, not estimated.
        let result = simulate(perMinute: limit.perMinute, each: limit.each, ratio: limit.each == 1 ? 1 : ratio, window: false)
        #expect(result.used > 0.95 && result.refused < 0.01)
    }

    @Test(arguments: [(500, 1), (200_000, 1_500)])
    func `a window that begins anew each minute is used evenly`(limit: (perMinute: Int, each: Int)) {
        let result = simulate(perMinute: limit.perMinute, each: limit.each, ratio: 1, window: true)
        #expect(result.used > 0.9 && result.refused < 0.01)
    }

    @Test func `a server that does not say when is not pressed`() {
        #expect(LimitPace.pace(perMinute: 100, remaining: 100, reset: nil, largest: 1) == LimitPace.cautious)
        #expect(LimitPace.pace(perMinute: 0, remaining: 0, reset: .zero, largest: 1) == LimitPace.cautious)
    }
}
