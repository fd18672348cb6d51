import Foundation

/// An amount in US dollars, exact to a billionth: sums of prices per token have no rounding that grows. ±9.2 billion dollars.
public struct Money: Hashable, Sendable, Comparable, Codable, CustomStringConvertible, AdditiveArithmetic {
    public var nanoDollars: Int64

    public init(nanoDollars: Int64) { self.nanoDollars = nanoDollars }

    /// - Parameter dollars: rounded to a billionth.
    public init(dollars: Double) { nanoDollars = Int64((dollars * 1e9).rounded()) }

    /// As people write it: `50`, `$50`, `50USD`, `0.25 usd`. Nil for anything else, negative amounts and more than a billion.
    public init?(_ text: String) {
        var digits = text.trimmingCharacters(in: .whitespaces).lowercased()[...]
        if digits.hasPrefix("$") { digits = digits.dropFirst() } else if digits.hasSuffix("usd") { digits = digits.dropLast(3) }
        let number = digits.trimmingCharacters(in: .whitespaces)
        guard !number.isEmpty, number.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }), let dollars = Double(number), dollars <= 1e9 else { return nil }
        self.init(dollars: dollars)
    }

    public init(from decoder: any Decoder) throws { nanoDollars = try decoder.singleValueContainer().decode(Int64.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(nanoDollars)
    }

    public static let zero = Money(nanoDollars: 0)

    public static func + (left: Money, right: Money) -> Money { Money(nanoDollars: left.nanoDollars &+ right.nanoDollars) }
    public static func - (left: Money, right: Money) -> Money { Money(nanoDollars: left.nanoDollars &- right.nanoDollars) }
    public static func < (left: Money, right: Money) -> Bool { left.nanoDollars < right.nanoDollars }

    public var dollars: Double { Double(nanoDollars) / 1e9 }

    /// Such as `12.34 USD`, and `0.000151 USD` for what is less than a cent.
    public var description: String {
        let digits = abs(nanoDollars) >= 10_000_000 || nanoDollars == 0 ? 2 : 6
        return String(format: "%.\(digits)f USD", dollars)
    }
}
