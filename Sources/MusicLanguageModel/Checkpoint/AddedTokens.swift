/// What lies beside `tokenizer.model` and says which tokens were added, as transformers 4 reads it for its slow LLaMA tokenizer.
struct AddedTokens: Sendable {
    private(set) var tokens: [AddedToken] = []
    /// Contents of the tokens that mean something (beginning, end, unknown, padding and the like), which decoding can leave out.
    private(set) var special: Set<String> = []
    private(set) var beginning = "<s>"
    private(set) var end = "</s>"
    private(set) var unknown = "<unk>"
    private(set) var isLegacy = true
    private(set) var addsPrefixSpace = true

    /// A token as a text or with its properties.
    private struct Serialized: Decodable {
        var content: String
        var lstrip: Bool?
        var rstrip: Bool?
        var single_word: Bool?
        var id: Int32?

        private enum Keys: CodingKey { case content, lstrip, rstrip, single_word, id }

        init(from decoder: any Decoder) throws {
            if let text = try? decoder.singleValueContainer().decode(String.self) {
                content = text
                return
            }
            let container = try decoder.container(keyedBy: Keys.self)
            content = try container.decode(String.self, forKey: .content)
            lstrip = try container.decodeIfPresent(Bool.self, forKey: .lstrip)
            rstrip = try container.decodeIfPresent(Bool.self, forKey: .rstrip)
            single_word = try container.decodeIfPresent(Bool.self, forKey: .single_word)
            id = try container.decodeIfPresent(Int32.self, forKey: .id)
        }

        func token(_ id: Int32) -> AddedToken {
            AddedToken(id: id, content: content, stripsLeft: lstrip ?? false, stripsRight: rstrip ?? false, isWholeWord: single_word ?? false)
        }
    }

    private struct SpecialTokens: Decodable {
        var bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token: Serialized?
        var additional_special_tokens: [Serialized]?

        init() {}

        /// What another file says goes before.
        mutating func take(_ other: Self?) {
            guard let other else { return }
            bos_token = other.bos_token ?? bos_token
            eos_token = other.eos_token ?? eos_token
            unk_token = other.unk_token ?? unk_token
            sep_token = other.sep_token ?? sep_token
            pad_token = other.pad_token ?? pad_token
            cls_token = other.cls_token ?? cls_token
            mask_token = other.mask_token ?? mask_token
            additional_special_tokens = (additional_special_tokens ?? []) + (other.additional_special_tokens ?? [])
        }

        /// In the order in which transformers adds those that are no pieces.
        var all: [Serialized] { [bos_token, eos_token, unk_token, sep_token, pad_token, cls_token, mask_token].compactMap { $0 } + (additional_special_tokens ?? []) }
    }

    private struct Configuration: Decodable {
        var added_tokens_decoder: [String: Serialized]?
        var legacy: Bool?
        var add_prefix_space: Bool?
    }

    private struct WholeTokenizer: Decodable {
        var added_tokens: [Serialized]?
    }

    /// - Parameters:
    ///   - directory: of the tokenizer; files that are not there say nothing.
    ///   - pieces: the number of the tokenizer's own pieces.
    ///   - piece: the number of a piece; nil where there is none.
    init(directory: String, pieces: Int, piece: (String) -> Int32?) throws(ModelError) {
        let configuration = try JSONFile.read(Configuration.self, "\(directory)/tokenizer_config.json", isOptional: true)
        var named = try JSONFile.read(SpecialTokens.self, "\(directory)/tokenizer_config.json", isOptional: true) ?? SpecialTokens()
        isLegacy = configuration?.legacy ?? true
        addsPrefixSpace = configuration?.add_prefix_space ?? true
        var byID: [Int32: AddedToken] = [:]
        if let decoder = configuration?.added_tokens_decoder {
            for (id, token) in decoder { byID[try Self.id(id, directory)] = try token.token(Self.id(id, directory)) }
        } else {
            named.take(try JSONFile.read(SpecialTokens.self, "\(directory)/special_tokens_map.json", isOptional: true))
            for (content, id) in try JSONFile.read([String: Int32].self, "\(directory)/added_tokens.json", isOptional: true) ?? [:] { byID[id] = AddedToken(id: id, content: content) }
            for token in try JSONFile.read(WholeTokenizer.self, "\(directory)/tokenizer.json", isOptional: true)?.added_tokens ?? [] {
                if let id = token.id { byID[id] = token.token(id) }
            }
        }
        beginning = named.bos_token?.content ?? beginning
        end = named.eos_token?.content ?? end
        unknown = named.unk_token?.content ?? unknown
        special = Set(named.all.map(\.content) + [beginning, end, unknown])
        // Special tokens are added too: those that are pieces under their own numbers, others behind all that there is.
        var known = Set(byID.values.map(\.content))
        var next = Int32(pieces) + Int32(byID.values.count { piece($0.content) == nil })
        for content in [beginning, end, unknown] + named.all.map(\.content) where !content.isEmpty && known.insert(content).inserted {
            let id = piece(content) ?? next
            if id == next { next += 1 }
            byID[id] = named.all.first { $0.content == content }?.token(id) ?? AddedToken(id: id, content: content)
        }
        guard let largest = byID.keys.max(), byID.keys.allSatisfy({ $0 >= 0 }), largest < 1 << 24 else {
            throw ModelError(code: .checkpoint, message: "\(directory): its added tokens have impossible numbers")
        }
        tokens = byID.values.filter { !$0.content.isEmpty }.sorted { $0.id < $1.id }
    }

    private static func id(_ text: String, _ directory: String) throws(ModelError) -> Int32 {
        guard let id = Int32(text) else { throw ModelError(code: .checkpoint, message: "\(directory)/tokenizer_config.json: '\(text.prefix(40))' is no token's number") }
        return id
    }
}
