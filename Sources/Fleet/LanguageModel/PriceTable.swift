import ChatCompletions
import FleetModel

/// What a model costs, for a million tokens.
public struct ModelPrice: Hashable, Sendable {
    public var input: Money
    /// Of the prompt's tokens those that the server had cached.
    public var cachedInput: Money
    public var output: Money
    /// What a batch costs, in hundredths of this.
    public var batchPercent: Int
    /// What it bills for what is no text.
    public var tokens: ImageTokenRules

    public init(input: Money, cachedInput: Money? = nil, output: Money, batchPercent: Int = 50, tokens: ImageTokenRules = ImageTokenRules()) {
        self.input = input
        self.cachedInput = cachedInput ?? input
        self.output = output
        self.batchPercent = batchPercent
        self.tokens = tokens
    }

    /// - Returns: rounded to a billionth of a dollar, once.
    public func cost(_ usage: ChatUsage, isBatch: Bool = false) -> Money {
        let cached = min(max(usage.cachedPromptTokens, 0), max(usage.promptTokens, 0))
        let millionths = (Int64(max(usage.promptTokens, 0) - cached) * input.nanoDollars + Int64(cached) * cachedInput.nanoDollars
            + Int64(max(usage.completionTokens, 0)) * output.nanoDollars)
        return Money(nanoDollars: isBatch ? (millionths / 100 * Int64(batchPercent) + 500_000) / 1_000_000 : (millionths + 500_000) / 1_000_000)
    }
}

/// Models' prices by their names.
public struct PriceTable: Hashable, Sendable {
    public var prices: [String: ModelPrice]

    public init(_ prices: [String: ModelPrice] = [:]) { self.prices = prices }

    /// Of the model of this very name, or else of the one that the name dates: `gpt-4o-mini` for `gpt-4o-mini-2024-07-18`.
    public subscript(model: String) -> ModelPrice? { prices[model] ?? prices[Self.undated(model)] }

    /// - Throws: `llm.price_unknown`, which says what to configure.
    public func price(of model: String) throws(FleetError) -> ModelPrice {
        guard let price = self[model] else { throw FleetError(.priceUnknown, Self.unknown(model)) }
        return price
    }

    static func unknown(_ model: String) -> String {
        """
        no price is known for model '\(model)', so nothing can be said of what it costs: add it to the price table of the configuration, in dollars for a million tokens of input, \
        cached input and output (zeros where it costs nothing), or run without a budget
        """
    }

    /// These prices, and of the rest of the models `other`'s.
    public func over(_ other: PriceTable) -> PriceTable { PriceTable(prices.merging(other.prices) { mine, _ in mine }) }

    private static func undated(_ model: String) -> String {
        // -2024-07-18
        let tail = model.suffix(11)
        let isDate = tail.count == 11 && tail.enumerated().allSatisfy { index, character in [0, 5, 8].contains(index) ? character == "-" : character.isASCII && character.isNumber }
        return isDate ? String(model.dropLast(11)) : model
    }

    /// About when the prices of ``builtIn`` held.
    public static let builtInDate = "2025-08-15"

    /// List prices of well-known models, to the best of our knowledge and not checked against the provider's list: configure your own before money depends on them.
    public static let builtIn = PriceTable([
        "gpt-4o": dollars(2.50, 1.25, 10, .tiles(base: 85, tile: 170)),
        "gpt-4o-mini": dollars(0.15, 0.075, 0.60, .tiles(base: 2833, tile: 5667)),
        "gpt-4.1": dollars(2, 0.50, 8, .tiles(base: 85, tile: 170)),
        "gpt-4.1-mini": dollars(0.40, 0.10, 1.60, .patches(most: 1536, percent: 162)),
        "gpt-4.1-nano": dollars(0.10, 0.025, 0.40, .patches(most: 1536, percent: 246)),
        "gpt-5": dollars(1.25, 0.125, 10, .tiles(base: 70, tile: 140)),
        "gpt-5-mini": dollars(0.25, 0.025, 2, .patches(most: 1536, percent: 162)),
        "gpt-5-nano": dollars(0.05, 0.005, 0.40, .patches(most: 1536, percent: 246)),
    ])

    private static func dollars(_ input: Double, _ cached: Double, _ output: Double, _ image: ImageTokenRules.Image) -> ModelPrice {
        ModelPrice(input: Money(dollars: input), cachedInput: Money(dollars: cached), output: Money(dollars: output), tokens: ImageTokenRules(image: image))
    }
}

extension FleetError.Code {
    /// A budget, or an estimate, is asked for, and the model's price is not configured.
    public static let priceUnknown: Self = "llm.price_unknown"
}
