import TensorKernels

/// A request that a backend has accepted.
package struct AnswerJob: Sendable {
    let id: UInt64
    let request: GenerationRequest
    let pieces: AsyncThrowingStream<GeneratedPiece, any Error>.Continuation

    package init(id: UInt64, request: GenerationRequest, pieces: AsyncThrowingStream<GeneratedPiece, any Error>.Continuation) {
        self.id = id
        self.request = request
        self.pieces = pieces
    }

    /// Tokens that it may come to: its last token's keys and values are never needed.
    var mostTokens: Int { request.prompt.tokenCount + request.maximumTokens }
}

/// An answer under way: what is known of one sequence. A value that events change; the engine runs the model.
struct AnswerUnderWay {
    let job: AnswerJob
    let sequence: any RunnerSequence
    /// The token that comes next into the model; nil while the prompt is not through.
    private(set) var next: Int32?
    private(set) var finish: FinishReason?
    private var sampler: Sampler
    private var assembler: TextAssembler
    private var scanner: StopScanner
    private var usage: GenerationUsage
    private let end: Int32?

    init(_ job: AnswerJob, sequence: any RunnerSequence, tokenizer: any TextTokenizer) {
        self.job = job
        self.sequence = sequence
        sampler = Sampler(job.request.sampling)
        assembler = TextAssembler(tokenizer)
        scanner = StopScanner(stops: job.request.stop)
        usage = GenerationUsage(promptTokens: job.request.prompt.tokenCount)
        end = tokenizer.end
    }

    /// Of the prompt, what has not been run, at most `part` tokens of it.
    func promptPart(_ part: Int) -> Range<Int> { sequence.count ..< min(sequence.count + part, job.request.prompt.tokenCount) }

    var isPromptThrough: Bool { sequence.count >= job.request.prompt.tokenCount }

    /// Takes in the scores of the next token.
    ///
    /// - Returns: the piece of the answer that it makes, with `finish` where it is the last one.
    mutating func choose(_ scores: Activations, row: Int) throws(ModelError) -> GeneratedPiece {
        let token = try sampler.next(scores, row: row)
        next = token
        usage.answerTokens += 1
        var text = ""
        if token == end {
            finish = .endOfText
        } else {
            text = scanner.append(assembler.append(token))
            if usage.answerTokens >= job.request.maximumTokens { finish = .length }
        }
        if finish != nil { text += scanner.append(assembler.finish()) }
        if scanner.isStopped { finish = .stop } else if finish != nil { text += scanner.finish() }
        return GeneratedPiece(text: text, tokens: [token], finish: finish, usage: usage)
    }

    /// The last piece of an answer that is given up.
    var givenUp: GeneratedPiece { GeneratedPiece(text: "", finish: .cancelled, usage: usage) }
}
