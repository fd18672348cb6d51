import Checkpoints

/// `adapter_config.json` of a LoRA adapter that the PEFT library saved: what its tensors do not say of themselves.
struct PEFTConfiguration: Sendable {
    let path: String
    private let stored: Stored

    private struct Stored: Decodable {
        enum Switch: Decodable {
            case flag(Bool)
            case text(String)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                self = if let flag = try? container.decode(Bool.self) { .flag(flag) } else { .text(try container.decode(String.self)) }
            }
        }

        struct Anything: Decodable {
            init(from decoder: any Decoder) {}
        }

        var peft_type: String?
        var r: Int?
        var lora_alpha: Double?
        var alpha_pattern: [String: Double]?
        var use_rslora, use_dora, lora_bias, use_qalora: Bool?
        var bias: String?
        var init_lora_weights: Switch?
        var layer_replication, alora_invocation_tokens, trainable_token_indices, kasa_config, monteclora_config, arrow_config: Anything?
        var target_parameters: [String]?
    }

    /// - Throws: `ModelError.checkpoint` for what is no LoRA, or one that changes more than it adds.
    init(path: String) throws(ModelError) {
        guard let stored = try JSONFile.read(Stored.self, path, isOptional: false) else { throw ModelError(code: .checkpoint, message: "\(path) is missing") }
        self.path = path
        self.stored = stored
        func refuse(_ condition: Bool, _ what: String) throws(ModelError) {
            if condition { throw ModelError(code: .checkpoint, message: "\(path): \(what)") }
        }
        try refuse(stored.peft_type.map { $0 != "LORA" } ?? false, "an adapter of the type \(stored.peft_type ?? ""); LoRA is known. Merge it into the model with PEFT (merge_and_unload), and load the merged model")
        try refuse(stored.use_dora == true, "a DoRA adapter, which also scales the weights. Merge it into the model with PEFT (merge_and_unload), and load the merged model")
        try refuse(stored.use_qalora == true || stored.lora_bias == true || !["none", nil].contains(stored.bias), "an adapter with biases or of QALoRA. Merge it into the model with PEFT (merge_and_unload), and load the merged model")
        try refuse(stored.layer_replication != nil, "an adapter that repeats layers (layer_replication). Merge it into the model with PEFT, and load the merged model")
        try refuse(stored.alora_invocation_tokens != nil || stored.trainable_token_indices != nil, "an adapter that depends on tokens (alora_invocation_tokens, trainable_token_indices), which is not known")
        try refuse(stored.kasa_config != nil || stored.monteclora_config != nil || stored.arrow_config != nil, "an adapter with more than LoRA's two matrices (KaSA, MonteCLoRA, Arrow), which is not known")
        try refuse(stored.target_parameters?.isEmpty == false, "an adapter of single parameters (target_parameters), which is not known")
        if case .text(let text) = stored.init_lora_weights {
            // These begin by changing the weights that they are then added to.
            try refuse(["pissa", "olora", "loftq", "corda"].contains { text.hasPrefix($0) },
                       "an adapter that began as '\(text)' fits only weights changed the same way: save it anew with PEFT (path_initial_model_for_weight_conversion)")
        }
    }

    /// What the product of a module's two matrices is multiplied by.
    ///
    /// - module: `model.layers.0.self_attn.q_proj`.
    func scale(_ module: String, rank: Int) throws(ModelError) -> Float {
        var alpha = stored.lora_alpha ?? 8
        for (pattern, value) in stored.alpha_pattern ?? [:] where try Self.matches(pattern, module, path) { alpha = value }
        guard alpha.isFinite, alpha > 0 else { throw ModelError(code: .checkpoint, message: "\(path): lora_alpha of \(module) is \(alpha)") }
        return Float(stored.use_rslora == true ? alpha / Double(rank).squareRoot() : alpha / Double(rank))
    }

    /// PEFT takes patterns for regular expressions that a module's whole name, or its end from a dot on, must fit. Names, with or without `^` before
    /// and dots escaped, are what people write; others are refused, for a pattern from outside could run for ever.
    private static func matches(_ pattern: String, _ module: String, _ path: String) throws(ModelError) -> Bool {
        let isWhole = pattern.hasPrefix("^")
        let name = String(pattern.dropFirst(isWhole ? 1 : 0)).split(separator: "\\.", omittingEmptySubsequences: false).joined(separator: ".")
        guard name.utf8.allSatisfy({ $0 == 0x2E || $0 == 0x5F || Character(Unicode.Scalar($0)).isLetter || Character(Unicode.Scalar($0)).isNumber }) else {
            throw ModelError(code: .checkpoint, message: "\(path): the pattern '\(pattern)' is no plain module name, such as q_proj or model.layers.0.self_attn.q_proj")
        }
        return module == name || (!isWhole && module.hasSuffix("." + name))
    }
}
