import NIOHTTP1

/// What a server says beside its answer: when to come again, and how much of its limits is left.
package struct ServerHeaders: Hashable, Sendable {
    package var retryAfter: Duration?
    /// `x-should-retry`; nil where the server leaves it to the status.
    package var shouldRetry: Bool?
    package var limits = RateLimitHeaders()

    package init() {}

    /// - Parameter now: seconds since 1970, for a `retry-after` that is a date.
    package init(_ headers: HTTPHeaders, now: Double) {
        // One pass: most servers send none of these.
        for (name, value) in headers {
            guard let first = name.utf8.first.map({ $0 | 0x20 }), first == UInt8(ascii: "x") || first == UInt8(ascii: "r") else { continue }
            switch name.lowercased() {
            case "retry-after-ms": if let wait = Double(value), wait.isFinite, wait >= 0 { retryAfter = .milliseconds(min(wait, 1e12)) }
            case "retry-after" where retryAfter == nil: retryAfter = Self.wait(value, now: now)
            case "x-should-retry": shouldRetry = value == "true" ? true : value == "false" ? false : nil
            case "x-ratelimit-limit-requests": limits.requestLimit = Self.count(value)
            case "x-ratelimit-remaining-requests": limits.requestsRemaining = Self.count(value)
            case "x-ratelimit-reset-requests": limits.requestsReset = Self.span(value)
            case "x-ratelimit-limit-tokens": limits.tokenLimit = Self.count(value)
            case "x-ratelimit-remaining-tokens": limits.tokensRemaining = Self.count(value)
            case "x-ratelimit-reset-tokens": limits.tokensReset = Self.span(value)
            default: break
            }
        }
    }

    private static func count(_ text: String) -> Int? {
        Int(text) ?? Double(text).flatMap { $0.isFinite && abs($0) < 1e15 ? Int($0) : nil }
    }

    /// `retry-after`: seconds, fractions too, or a date.
    private static func wait(_ text: String, now: Double) -> Duration? {
        if let seconds = Double(text) { return seconds.isFinite && seconds >= 0 ? .seconds(min(seconds, 1e9)) : nil }
        return HTTPDate.seconds(text).map { .seconds(max(0, Double($0) - now)) }
    }

    /// `12ms`, `1s`, `6m0s`, `1h0m0.5s`, or plain seconds.
    package static func span(_ text: String) -> Duration? {
        if let seconds = Double(text) { return seconds.isFinite && seconds >= 0 ? .seconds(min(seconds, 1e9)) : nil }
        var rest = Substring(text), seconds = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { $0.isLetter || $0 == "µ" }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(digits), let scale = units[unit] else { return nil }
            seconds += value * scale
        }
        return text.isEmpty ? nil : .seconds(min(seconds, 1e9))
    }

    private static let units: [Substring: Double] = ["ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400]
}

/// Dates as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7; the two obsolete forms are not read).
package enum HTTPDate {
    /// Seconds since 1970; nil where the text is none.
    package static func seconds(_ text: String) -> Int? {
        let fields = text.split(separator: " ")
        guard fields.count == 6, fields[5] == "GMT" || fields[5] == "UTC", let day = Int(fields[1]), (1...31).contains(day),
              let month = months.firstIndex(of: fields[2]), let year = Int(fields[3]), (1970...9999).contains(year) else { return nil }
        let clock = fields[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2]) else { return nil }
        return days(year: year, month: month + 1, day: day) * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }

    /// Days since 1970-01-01 of a date after it, in the Gregorian calendar whose year begins in March.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let century = year / 400, yearOfEra = year - century * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return century * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static let months: [Substring] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
