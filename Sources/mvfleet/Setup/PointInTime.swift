import ArgumentParser
import Foundation

/// A time as people write it: `2h`, `30m`, `7d`, `90s` (so long ago), `2026-03-01`, `2026-03-01T12:00:00Z`, `2026-03-01T13:00:00+01:00`.
struct PointInTime: ExpressibleByArgument, Equatable {
    static let forms = "2h, 30m, 7d or 90s for so long ago, or a date such as 2026-03-01 or 2026-03-01T12:00:00Z (UTC where no zone is given)"

    var date: Date

    init?(argument: String) {
        self.init(argument, now: Date())
    }

    init?(_ text: String, now: Date) {
        if let ago = PointInTime.ago(text) {
            date = now.addingTimeInterval(-ago)
        } else if let date = PointInTime.absolute(text) {
            self.date = date
        } else {
            return nil
        }
    }

    private static func ago(_ text: String) -> TimeInterval? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        guard let last = text.last, let unit = units[last], let count = Double(text.dropLast()), count >= 0, count < 1e6 else { return nil }
        return count * unit
    }

    private static func absolute(_ text: String) -> Date? {
        let whole = Date.ISO8601FormatStyle()
        let fractional = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for text in [text, text + "Z", text + "T00:00:00Z"] {
            if let date = (try? whole.parse(text)) ?? (try? fractional.parse(text)) { return date }
        }
        return nil
    }
}

extension Date {
    /// To the second, UTC, for tables.
    var shown: String { formatted(.iso8601) }
}
