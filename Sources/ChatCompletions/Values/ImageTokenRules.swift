/// What a model bills for an image, a second of sound, and the answer's schema: providers publish these with their prices.
public struct ImageTokenRules: Hashable, Sendable, Codable {
    public enum Image: Hashable, Sendable, Codable {
        /// The same for each.
        case fixed(Int)
        /// OpenAI's older models: `base` for a low-detail image; otherwise the image is fitted into 2048 × 2048, its shorter side brought down to 768, and each tile of 512 × 512 adds `tile`.
        case tiles(base: Int, tile: Int)
        /// OpenAI's newer small models: patches of 32 × 32, scaled down until there are at most `most`, times a factor in hundredths.
        case patches(most: Int, percent: Int)
        /// One token for a square of `side` pixels, within bounds; as Qwen-VL does with 28.
        case squares(side: Int, fewest: Int, most: Int)
    }

    public var image: Image
    /// Prompt tokens for a second of sound.
    public var tokensPerSoundSecond: Double
    /// Whether the schema of a structured answer is billed as part of the prompt; servers that only guide the decoder by it do not.
    public var billsSchema: Bool
    /// Tokens that each message adds to its content.
    public var tokensPerMessage: Int

    public init(image: Image = .tiles(base: 85, tile: 170), tokensPerSoundSecond: Double = 10, billsSchema: Bool = true, tokensPerMessage: Int = 4) {
        self.image = image
        self.tokensPerSoundSecond = tokensPerSoundSecond
        self.billsSchema = billsSchema
        self.tokensPerMessage = tokensPerMessage
    }

    public func tokens(width: Int, height: Int, detail: ImageDetail) -> Int {
        let width = max(1, width), height = max(1, height)
        switch image {
        case .fixed(let tokens):
            return tokens
        case .tiles(let base, let tile):
            guard detail != .low else { return base }
            let fit = min(1, 2048 / Double(max(width, height)))
            let short = min(1, 768 / (Double(min(width, height)) * fit))
            func across(_ side: Int) -> Int { max(1, Int((Double(side) * fit * short / 512).rounded(.up))) }
            return base + tile * across(width) * across(height)
        case .patches(let most, let percent):
            let patches = ((width + 31) / 32) * ((height + 31) / 32)
            return min(patches, most) * percent / 100
        case .squares(let side, let fewest, let most):
            return max(fewest, min(most, ((width + side - 1) / side) * ((height + side - 1) / side)))
        }
    }
}
