import ArgumentParser
import Foundation

/// A length of time as people write it: `90s`, `30m`, `12h`, `7d`.
struct Period: ExpressibleByArgument, Sendable {
    var duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let last = argument.last, let unit = units[last], let number = Int64(argument.dropLast()), (0...36_500).contains(number * unit / 86_400), number >= 0 else { return nil }
        duration = .seconds(number * unit)
    }

    var defaultValueDescription: String {
        let seconds = duration.components.seconds
        return seconds % 86_400 == 0 && seconds > 0 ? "\(seconds / 86_400)d" : "\(seconds)s"
    }
}

/// A time that has been: `2026-11-20`, `2026-11-20T14:30:00Z`, or how long ago: `2h`, `3d`.
struct PastTime: ExpressibleByArgument, Sendable {
    var date: Date

    init?(argument: String) {
        if let period = Period(argument: argument) {
            date = Date(timeIntervalSinceNow: -Double(period.duration.components.seconds))
        } else if let day = try? Date(argument, strategy: .iso8601.year().month().day()), argument.utf8.count == 10 {
            date = day
        } else if let time = try? Date(argument, strategy: .iso8601) {
            date = time
        } else {
            return nil
        }
    }
}
