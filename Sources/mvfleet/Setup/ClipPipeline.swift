import ChatCompletions
import Fleet
import FleetModel
import Foundation
import Logging
import Media
import Stages

/// What stages run with where there is no fleet: blobs in a folder that goes away, media children, and language models asked directly.
enum ClipPipeline {
    /// - Parameters:
    ///   - usesLanguageModel: whether a recipe asks one; then its absence is an error at once.
    ///   - showsWords: whether what models write is shown on standard error as it comes.
    static func with<Value: Sendable>(_ common: CommonOptions, _ options: LanguageModelOptions?, usesLanguageModel: Bool, hardware: HardwareDecoding, showsWords: Bool,
                     _ body: (StageEnvironment) async throws -> Value) async throws -> Value {
        let configuration = try FleetConfiguration(common)
        let logger = configuration.logger("mvfleet.clip")
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-clip-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let children = ChildProcessPool(.media(size: 2, hardware: hardware))
        var environment = StageEnvironment(blobs: BlobStore(directory: directory, beneath: configuration.blobDirectory), children: children, logger: logger)
        let client = try options.flatMap { usesLanguageModel ? try configuration.chatClient($0, logger: logger) : nil }
        if let client {
            let words = showsWords ? WordStream() : nil
            let show: @Sendable (StageName, String) -> Void = { stage, piece in words?.show(piece, of: stage) }
            environment.languageModels = DirectLanguageModel(client: client, onText: showsWords ? show : nil)
        }
        let result: Result<Value, any Error>
        do { result = .success(try await body(environment)) } catch { result = .failure(error) }
        await client?.shutdown()
        await children.endIdleChildren()
        return try result.get()
    }
}

extension FleetConfiguration {
    /// - Throws: `configuration.invalid` where no server is named.
    func chatClient(_ options: LanguageModelOptions, gate: (any AttemptGate)? = nil, logger: Logger) throws -> ChatClient {
        let endpoints = try endpoints(options)
        guard !endpoints.isEmpty else {
            throw FleetError("configuration.invalid", "the recipe asks for a language model, and no server is named: give --openai-base-url (or OPENAI_BASE_URL), OPENAI_API_KEY, or language_models in the configuration file")
        }
        do throws(ChatError) {
            return try ChatClient(endpoints: endpoints, gate: gate, logger: logger)
        } catch {
            throw FleetError(error)
        }
    }
}
