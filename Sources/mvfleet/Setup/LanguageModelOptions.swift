import ArgumentParser
import ChatCompletions
import FleetModel
import Foundation

/// Where language models are served: no part of any recipe.
struct LanguageModelOptions: ParsableArguments {
    @Option(name: .customLong("openai-base-url"), help: ArgumentHelp(
        "A chat-completions server, up to and with /v1. Also OPENAI_BASE_URL.",
        discussion: "Its key is in OPENAI_API_KEY, or in the file that OPENAI_API_KEY_FILE names. Several servers, weights and prices go into the configuration file (language_models).", valueName: "url"))
    var baseURL: String?
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
    /// `sync`, or `batch` for the bulk lane.
    var transport: String?
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
    /// For servers that count an image's data URL as text.
    var image_as_text: Bool?
    var bills_schema: Bool?
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

    private static func key(inFile path: String) throws -> APIKey {
        guard let data = FileManager.default.contents(atPath: path), data.count <= 4096, let text = String(data: data, encoding: .utf8) else {
            throw FleetError("configuration.unreadable", "the key file \(path) cannot be read, or holds no key: check the path and its permissions")
        }
        let key = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !key.isEmpty, !key.contains(where: \.isWhitespace) else { throw FleetError("configuration.invalid", "the key file \(path) does not hold one key on one line") }
        return APIKey(key)
    }
}
