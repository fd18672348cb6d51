import ChatCompletions
import Checkpoints
import MusicLanguageModel
import Synchronization

/// The language model on a vLLM server (started with `--enable-prompt-embeds`), which is sent prompts as embeddings and streams its answers.
///
/// The server has the weights: the base model with its LoRA adapters merged, or beside it under another name. A server that is given embeddings of a wrong
/// size may fall over; the sizes are compared with the checkpoint's before anything is sent.
public final class RemoteBackend: LanguageModelBackend {
    public let description: LanguageModelDescription
    private let client: ChatClient
    private let options: RemoteBackendOptions
    private let plainModel: String?
    private let line: AdmissionLine
    private let running = Mutex(Running())

    private struct Running: Sendable {
        var isShutDown = false
        var nextID: UInt64 = 0
        var tasks: [UInt64: Task<Void, Never>] = [:]
    }

    /// - Parameters:
    ///   - client: of one endpoint or more that serve the model; it stays the caller's to shut down.
    ///   - model: by the name that the endpoints know it by.
    ///   - plainModel: the name of the model without the adapters, where the server has it too; nil where requests cannot do without them.
    ///   - configuration: of the checkpoint that the server runs.
    public init(client: ChatClient, model: String, plainModel: String? = nil, configuration: LlamaConfiguration, options: RemoteBackendOptions = RemoteBackendOptions()) {
        self.client = client
        self.plainModel = plainModel
        self.options = options
        line = AdmissionLine(places: options.concurrency)
        description = LanguageModelDescription(backend: "vllm", model: model, hidden: configuration.hidden, contextLength: configuration.contextLength, concurrency: options.concurrency,
                                               canLeaveAdaptersOut: plainModel != nil)
    }

    public func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GeneratedPiece, any Error> {
        try request.validate(hidden: description.hidden, contextLength: description.contextLength)
        guard let model = request.usesAdapters ? description.model : plainModel else {
            throw ModelError(code: .request, message: "the request wants to do without the LoRA adapters, and no name is known of the server's model without them: give it")
        }
        let sent = try Self.request(request, model: model, as: options.elementType)
        try await line.enter()
        return begin(request, sent)
    }

    public func shutdown() async {
        line.close()
        for task in endAll() { await task.value }
    }

    /// What is sent for a request.
    static func request(_ request: GenerationRequest, model: String, as type: ElementType) throws(ModelError) -> EmbeddedPromptRequest {
        let archive: [UInt8]
        do throws(CheckpointError) {
            archive = try TorchArchiveWriter.bytes(request.prompt.values, shape: [request.prompt.tokenCount, request.prompt.hidden], as: type, archive: "prompt_embeds_\(type.rawValue.lowercased())")
        } catch { throw ModelError(code: .request, message: error.message, cause: error) }
        let sampling = request.sampling
        return EmbeddedPromptRequest(model: model, embeddings: archive, promptTokens: request.prompt.tokenCount, maximumAnswerTokens: request.maximumTokens, stop: request.stop,
                                     temperature: sampling.temperature, topP: sampling.isGreedy ? 1 : sampling.topP, seed: sampling.isGreedy ? nil : Int64(bitPattern: sampling.seed))
    }

    @inline(never) private func begin(_ request: GenerationRequest, _ sent: EmbeddedPromptRequest) -> AsyncThrowingStream<GeneratedPiece, any Error> {
        let (stream, pieces) = AsyncThrowingStream<GeneratedPiece, any Error>.makeStream()
        let answer = RemoteAnswer(promptTokens: request.prompt.tokenCount, stop: request.stop, pieces: pieces)
        running.withLock { running in
            guard !running.isShutDown else {
                line.leave()
                return pieces.finish(throwing: AdmissionLine.closed)
            }
            running.nextID += 1
            let id = running.nextID
            let task = Task { [client, options, line, weak self] in
                do throws(ChatError) {
                    answer.finish(try await client.complete(sent, deadline: options.deadline) { answer.receive($0) })
                } catch {
                    answer.fail(error)
                }
                line.leave()
                self?.ended(id)
            }
            running.tasks[id] = task
            pieces.onTermination = { reason in if case .cancelled = reason { task.cancel() } }
        }
        return stream
    }

    @inline(never) private func ended(_ id: UInt64) { running.withLock { _ = $0.tasks.removeValue(forKey: id) } }

    @inline(never) private func endAll() -> [Task<Void, Never>] {
        let tasks = running.withLock { running in
            running.isShutDown = true
            return Array(running.tasks.values)
        }
        for task in tasks { task.cancel() }
        return tasks
    }
}
