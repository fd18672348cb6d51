import Foundation

/// Times as people read them in explanations: in UTC, and how far from now.
public enum TimeText {
    /// `05:43:10 UTC (in 12 s)`; with the date where it is another day than `now`.
    public static func instant(_ date: Date, now: Date) -> String {
        "\(clock(date, now: now)) (\(distance(date, now: now)))"
    }

    /// `05:43:10 UTC`, or `2026-11-20 05:43:10 UTC` where it is another day than `now`.
    public static func clock(_ date: Date, now: Date) -> String {
        let text = date.formatted(.iso8601.dateSeparator(.dash).dateTimeSeparator(.space).timeSeparator(.colon)).replacing("Z", with: "")
        let today = now.formatted(.iso8601.year().month().day())
        return (text.hasPrefix(today) ? String(text.dropFirst(today.count + 1)) : text) + " UTC"
    }

    /// `in 12 s`, `3 min ago`, `now`.
    public static func distance(_ date: Date, now: Date) -> String {
        let seconds = date.timeIntervalSince(now)
        if abs(seconds) < 0.5 { return "now" }
        let length = length(seconds: abs(seconds))
        return seconds > 0 ? "in \(length)" : "\(length) ago"
    }

    /// `850 ms`, `12 s`, `3 min 5 s`, `2 h 10 min`, `4 days`.
    public static func length(_ duration: Duration) -> String { length(seconds: duration.inSeconds) }

    static func length(seconds: Double) -> String {
        if seconds < 1 { return "\(Int((seconds * 1_000).rounded())) ms" }
        let whole = Int(min(seconds, 1e12).rounded())
        func two(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
            small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
        }
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3_600: return two(whole / 60, "min", whole % 60, "s")
        case ..<86_400: return two(whole / 3_600, "h", whole % 3_600 / 60, "min")
        default: return two(whole / 86_400, whole < 172_800 ? "day" : "days", whole % 86_400 / 3_600, "h")
        }
    }
}
