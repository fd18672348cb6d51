import ArgumentParser
import ChatCompletions
import Fleet
import FleetModel
import Foundation

/// Where language models are served: no part of any recipe.
struct LanguageModelOptions: ParsableArguments {
    @Option(name: .customLong("openai-base-url"), help: ArgumentHelp(
        "A chat-completions server, up to and with /v1. Also OPENAI_BASE_URL.",
        discussion: "Its key is in OPENAI_API_KEY, or in the file that OPENAI_API_KEY_FILE names. Several servers, weights and prices go into the configuration file (language_models).", valueName: "url"))
    var baseURL: String?
}

/// Which way requests of the bulk lane take: no part of any recipe, so that the answers are the same.
struct BatchOptions: ParsableArguments {
    @Flag(name: .customLong("batch"), help: "In the bulk lane language models are asked by the provider's Batch API: for half the price, within a day.") var isBatched = false
}

/// The configuration file's section `language_models`.
struct LanguageModelSection: Decodable, Sendable {
    struct Server: Decodable, Sendable {
        var name: String
        var base_url: String
        var key_env: String?
        var key_file: String?
        var weight: Int?
        /// openai, vllm, sglang or llama.cpp.
        var dialect: Endpoint.Dialect?
        /// The name that recipes use → the name that this server knows.
        var models: [String: String]?
    }

    var endpoints: [Server]?
    /// The endpoint that `--batch` uses; the first where none is named.
    var batch_endpoint: String?
    /// Seconds for which no endpoint of a model must have answered before a declared fallback writes in its place; 30 where nothing is said.
    var fallback_after: Double?
    var prices: [String: PriceSection]?
}

/// A model's price in the configuration file, in USD per million tokens.
struct PriceSection: Decodable, Sendable {
    var input: Double
    var cached_input: Double?
    var output: Double
    /// What the Batch API costs beside it; 0.5 where nothing is said.
    var batch_factor: Double?
    /// What an image is billed as; see `ImageTokenRules`.
    var image_tokens: Int?
    var image_tiles: [Int]?
    var image_patches: [Int]?
    var bills_schema: Bool?
}

extension PriceSection {
    func price(of model: String) throws -> ModelPrice {
        func fail(_ what: String) -> FleetError { FleetError("configuration.invalid", "language_models: the price of '\(model)': \(what)") }
        let factor = batch_factor ?? 0.5
        for (name, value) in [("input", input), ("cached_input", cached_input ?? 0), ("output", output)] where !(0...100_000).contains(value) {
            throw fail("\(name) is \(value): give USD per million tokens, 0 to 100,000")
        }
        guard (0...1).contains(factor) else { throw fail("batch_factor is \(factor): give 0 to 1") }
        var rules = ImageTokenRules()
        if let image_tokens { rules.image = .fixed(image_tokens) }
        if let tiles = image_tiles {
            guard tiles.count == 2 else { throw fail("image_tiles takes two numbers, base and tile") }
            rules.image = .tiles(base: tiles[0], tile: tiles[1])
        }
        if let patches = image_patches {
            guard patches.count == 2 else { throw fail("image_patches takes two numbers, the most and the factor in hundredths") }
            rules.image = .patches(most: patches[0], percent: patches[1])
        }
        if let bills_schema { rules.billsSchema = bills_schema }
        return ModelPrice(input: Money(dollars: input), cachedInput: cached_input.map { Money(dollars: $0) }, output: Money(dollars: output), batchPercent: Int((factor * 100).rounded()), tokens: rules)
    }
}

extension FleetConfiguration {
    /// The servers of language models: the flag over the environment over the file; empty where none is named.
    ///
    /// - Throws: `configuration.invalid`; a key is never in the message.
    func endpoints(_ options: LanguageModelOptions, environment: [String: String] = ProcessInfo.processInfo.environment) throws -> [Endpoint] {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let url = options.baseURL ?? variable("OPENAI_BASE_URL") {
            let key = try variable("OPENAI_API_KEY_FILE").map(Self.key(inFile:)) ?? variable("OPENAI_API_KEY").map { APIKey($0) }
            return [Endpoint(name: "default", baseURL: url, key: key)]
        }
        if let servers = languageModels?.endpoints {
            return try servers.map { server in
                if let name = server.key_env, variable(name) == nil {
                    throw FleetError("configuration.invalid", "language_models: endpoint '\(server.name)' takes its key from the variable \(name), which is not set: set it, or name key_file")
                }
                let key = try server.key_file.map(Self.key(inFile:)) ?? server.key_env.flatMap(variable).map { APIKey($0) }
                let weight = server.weight ?? 1
                guard (1...1_000_000).contains(weight) else { throw FleetError("configuration.invalid", "language_models: the weight of endpoint '\(server.name)' is \(weight): give 1 to 1,000,000") }
                return Endpoint(name: server.name, baseURL: server.base_url, key: key, weight: weight, models: server.models ?? [:], dialect: server.dialect ?? .openai)
            }
        }
        // As the official client does: a key alone means its maker's service.
        guard let key = try variable("OPENAI_API_KEY_FILE").map(Self.key(inFile:)) ?? variable("OPENAI_API_KEY").map({ APIKey($0) }) else { return [] }
        return [Endpoint(name: "openai", baseURL: "https://api.openai.com/v1", key: key)]
    }

    /// The file's prices over the built-in ones.
    func prices() throws -> PriceTable {
        PriceTable(try Dictionary(uniqueKeysWithValues: (languageModels?.prices ?? [:]).map { model, section in (model, try section.price(of: model)) })).over(.builtIn)
    }

    /// What the file says of how requests are handled; what it does not say has its default.
    func languageModelSettings() throws -> LanguageModelConfiguration {
        var settings = LanguageModelConfiguration(prices: try prices())
        if let seconds = languageModels?.fallback_after {
            guard (0...86_400).contains(seconds) else { throw FleetError("configuration.invalid", "language_models: fallback_after is \(seconds): give seconds, 0 to 86,400") }
            settings.outagePatience = .seconds(seconds)
        }
        return settings
    }

    private static func key(inFile path: String) throws -> APIKey {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 4096, let text = String(data: data, encoding: .utf8) else {
            throw FleetError("configuration.unreadable", "the key file \(path) cannot be read, or holds no key: check the path and its permissions")
        }
        let key = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !key.isEmpty, !key.contains(where: \.isWhitespace) else { throw FleetError("configuration.invalid", "the key file \(path) does not hold one key on one line") }
        return APIKey(key)
    }
}
