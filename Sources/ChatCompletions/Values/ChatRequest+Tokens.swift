extension ChatRequest {
    /// About how many tokens the prompt has, media and schema included: what a server bills and counts against its limits before it answers.
    public func estimatedTokens(_ rules: ImageTokenRules) -> Int {
        var tokens = 3
        for message in messages {
            tokens += rules.tokensPerMessage
            for part in message.parts {
                switch part {
                case .text(let text): tokens += Self.estimatedTokens(of: text)
                case .image(let media, let detail): tokens += rules.tokens(width: media.width, height: media.height, detail: detail)
                case .audio(let media, _): tokens += Int((media.seconds * rules.tokensPerSoundSecond).rounded(.up))
                }
            }
        }
        if rules.billsSchema, let answerSchema { tokens += Self.estimatedTokens(of: answerSchema.json) }
        return tokens
    }

    /// A quarter of a token for an ASCII character; more for other scripts, of which tokenizers know fewer words: about 0.4 for Latin with marks, Greek, Cyrillic, Hebrew and Arabic,
    /// 0.8 for Chinese, Japanese and Korean, 2 for what lies beyond, such as emoji.
    public static func estimatedTokens(of text: String) -> Int {
        var hundredths = 0
        for byte in text.utf8 {
            switch byte {
            case 0..<0x80: hundredths += 25
            // The first byte of a character tells its length; those that follow count nothing.
            case 0xc0..<0xe0: hundredths += 40
            case 0xe0..<0xf0: hundredths += 80
            case 0xf0...: hundredths += 200
            default: break
            }
        }
        return (hundredths + 99) / 100
    }
}
