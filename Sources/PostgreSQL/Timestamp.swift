/// An instant of `timestamptz`, in microseconds since 1970-01-01 00:00 UTC, as exact as PostgreSQL's own.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var microsecondsSinceEpoch: Int64

    public init(microsecondsSinceEpoch: Int64) { self.microsecondsSinceEpoch = microsecondsSinceEpoch }

    /// Rounded to the nearest microsecond; what cannot be represented is clamped, and NaN is the epoch.
    public init(secondsSinceEpoch: Double) {
        let microseconds = (secondsSinceEpoch * 1e6).rounded()
        if microseconds.isNaN {
            microsecondsSinceEpoch = 0
        } else {
            microsecondsSinceEpoch = Int64(exactly: microseconds) ?? (microseconds < 0 ? .min : .max)
        }
    }

    public var secondsSinceEpoch: Double { Double(microsecondsSinceEpoch) / 1e6 }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microsecondsSinceEpoch < right.microsecondsSinceEpoch }

    /// PostgreSQL counts from 2000-01-01 00:00 UTC.
    static let postgresEpoch: Int64 = 946_684_800_000_000

    /// `infinity` and `-infinity` are the extreme integers on both sides.
    var wireValue: Int64 {
        switch microsecondsSinceEpoch {
        case .max, .min: return microsecondsSinceEpoch
        default:
            let (value, overflow) = microsecondsSinceEpoch.subtractingReportingOverflow(Self.postgresEpoch)
            return overflow ? .min : value
        }
    }

    init(wireValue: Int64) {
        let (value, overflow) = wireValue.addingReportingOverflow(Self.postgresEpoch)
        microsecondsSinceEpoch = wireValue == .min ? .min : overflow ? .max : value
    }
}
