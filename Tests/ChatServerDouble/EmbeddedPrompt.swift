import Checkpoints

/// A prompt as vLLM takes it in `prompt_embeds`: a tensor that was saved by torch, in base64.
public struct EmbeddedPrompt: Hashable, Sendable {
    /// Tokens, and numbers a token.
    public let shape: [Int]
    public let elementType: ElementType
    /// Row-major.
    public let values: [Float]
    /// What was in base64.
    public let archive: [UInt8]

    /// nil for what vLLM would not take: another text, another type, another number of dimensions.
    init?(base64 text: String) {
        guard let archive = Self.decoded(text), let file = try? TorchArchive(bytes: archive, name: "prompt_embeds"), file.names == [TorchArchive.soleName],
              let tensor = try? file.tensor(TorchArchive.soleName), tensor.shape.count == 2, [.float16, .bfloat16, .float32].contains(tensor.elementType),
              let values = try? tensor.floats() else { return nil }
        shape = tensor.shape
        elementType = tensor.elementType
        self.values = values
        self.archive = archive
    }

    private static func decoded(_ text: String) -> [UInt8]? {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8), characters = Array(text.utf8)
        var values = [UInt8?](repeating: nil, count: 256), bytes: [UInt8] = []
        for (value, letter) in letters.enumerated() { values[Int(letter)] = UInt8(value) }
        guard characters.count % 4 == 0, !characters.isEmpty else { return nil }
        let padding = characters.suffix(2).count { $0 == UInt8(ascii: "=") }
        bytes.reserveCapacity(characters.count / 4 * 3)
        for start in stride(from: 0, to: characters.count, by: 4) {
            var group: UInt32 = 0
            for (place, character) in characters[start ..< start + 4].enumerated() {
                let isPadding = start + 4 == characters.count && place >= 4 - padding
                guard let value = isPadding ? 0 : values[Int(character)] else { return nil }
                group = group << 6 | UInt32(value)
            }
            bytes += [UInt8(group >> 16 & 0xFF), UInt8(group >> 8 & 0xFF), UInt8(group & 0xFF)]
        }
        return Array(bytes.dropLast(padding))
    }
}
