import Dispatch
import Glibc
import Synchronization
import TensorKernels

/// Runs a LLaMA for many requests on a thread of its own: requests join and leave between two steps.
///
/// A step is one token of every answer under way, and before it one part of one prompt, so that nobody waits for a long prompt of another. Who came first is
/// admitted first, when a slot and the memory for all its tokens are free. Each row's arithmetic is its own, and prompts are always cut at the same
/// places: what else is running changes no answer.
final class NativeEngine: Sendable {
    /// What callers ask of the thread.
    private struct Orders: Sendable {
        var jobs: [NativeJob] = []
        var cancelled: Set<UInt64> = []
        var isShutDown = false
        var isEnded = false
        /// The thread waits to be woken.
        var isIdle = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let orders = Mutex(Orders())
    private let bell = DispatchSemaphore(value: 0)
    private let model: LlamaModel
    private let tokenizer: any TextTokenizer
    private let options: NativeOptions
    private let line: AdmissionLine

    init(model: LlamaModel, tokenizer: any TextTokenizer, options: NativeOptions, line: AdmissionLine) {
        self.model = model
        self.tokenizer = tokenizer
        self.options = options
        self.line = line
    }

    /// - Throws: `ModelError.backend` when there is no thread.
    func start() throws(ModelError) {
        var thread = pthread_t()
        // The thread takes over this reference, and gives it back when it ends.
        let reference = Unmanaged.passRetained(self)
        let status = pthread_create(&thread, nil, { argument in
            guard let argument else { return nil }
            Unmanaged<NativeEngine>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }, reference.toOpaque())
        guard status == 0 else {
            reference.release()
            throw ModelError(code: .backend, message: "no thread for the language model: \(String(cString: strerror(status)))", isRetriable: true)
        }
        pthread_detach(thread)
    }

    // MARK: Orders, from any thread

    @inline(never) func add(_ job: NativeJob) {
        let isTaken = order { orders in
            guard !orders.isShutDown else { return false }
            orders.jobs.append(job)
            return true
        }
        if !isTaken {
            line.leave()
            job.pieces.finish(throwing: AdmissionLine.closed)
        }
    }

    @inline(never) func cancel(_ id: UInt64) { order { _ = $0.cancelled.insert(id) } }

    @inline(never) func shutDown() { order { $0.isShutDown = true } }

    func ended() async {
        await withCheckedContinuation { waitForEnd($0) }
    }

    @inline(never) private func waitForEnd(_ continuation: CheckedContinuation<Void, Never>) {
        let isEnded = orders.withLock { orders in
            if !orders.isEnded { orders.waitingForEnd.append(continuation) }
            return orders.isEnded
        }
        if isEnded { continuation.resume() }
    }

    @discardableResult
    private func order<Result: Sendable>(_ change: (inout Orders) -> Result) -> Result {
        let (result, wasIdle) = orders.withLock { orders in
            let result = change(&orders)
            defer { orders.isIdle = false }
            return (result, orders.isIdle)
        }
        if wasIdle { bell.signal() }
        return result
    }

    // MARK: The thread

    private func run() {
        let pass = LlamaPass(model, threads: options.threads)
        var waiting: [NativeJob] = [], running: [NativeAnswer] = []
        while true {
            let (jobs, cancelled, isShutDown) = takeOrders(waits: waiting.isEmpty && running.isEmpty)
            waiting += jobs
            waiting.removeAll { job in
                guard isShutDown || cancelled.contains(job.id) else { return false }
                end(job, with: GeneratedPiece(text: "", finish: .cancelled, usage: GenerationUsage(promptTokens: job.request.prompt.tokenCount)))
                return true
            }
            running.removeAll { answer in
                guard isShutDown || cancelled.contains(answer.job.id) else { return false }
                end(answer.job, with: answer.givenUp)
                return true
            }
            if isShutDown { break }
            admit(&waiting, to: &running)
            runPrompt(&running, pass)
            runAnswers(&running, pass)
        }
        let waitingForEnd = orders.withLock { orders in
            orders.isEnded = true
            defer { orders.waitingForEnd = [] }
            return orders.waitingForEnd
        }
        for continuation in waitingForEnd { continuation.resume() }
    }

    private func takeOrders(waits: Bool) -> (jobs: [NativeJob], cancelled: Set<UInt64>, isShutDown: Bool) {
        while true {
            let taken = orders.withLock { orders in
                defer {
                    orders.jobs = []
                    orders.cancelled = []
                }
                orders.isIdle = waits && orders.jobs.isEmpty && !orders.isShutDown
                return (orders.jobs, orders.cancelled, orders.isShutDown, orders.isIdle)
            }
            guard taken.3 else { return (taken.0, taken.1, taken.2) }
            bell.wait()
        }
    }

    /// In the order they came: a large one at the head keeps later ones from passing it for ever.
    private func admit(_ waiting: inout [NativeJob], to running: inout [NativeAnswer]) {
        while let job = waiting.first, running.count < options.slots, running.reduce(job.mostTokens, { $0 + $1.job.mostTokens }) <= options.cacheTokens {
            waiting.removeFirst()
            do {
                running.append(NativeAnswer(job, cache: try model.makeCache(capacity: job.mostTokens), tokenizer: tokenizer))
            } catch {
                fail(job, error)
            }
        }
    }

    /// One part of the first prompt that is not through.
    private func runPrompt(_ running: inout [NativeAnswer], _ pass: LlamaPass) {
        guard let place = running.firstIndex(where: { !$0.isPromptThrough }) else { return }
        let answer = running[place], prompt = answer.job.request.prompt, part = answer.promptPart(options.promptPart)
        let isLast = part.upperBound == prompt.tokenCount
        pass.begin(rows: part.count)
        pass.setInput(prompt.values[part.lowerBound * prompt.hidden ..< part.upperBound * prompt.hidden], row: 0)
        pass.run([LlamaPass.Segment(cache: answer.cache, count: part.count, logits: isLast ? 1 : 0, usesAdapters: answer.job.request.usesAdapters)])
        if isLast { choose(&running, [place], pass) }
    }

    /// One token of every answer under way.
    private func runAnswers(_ running: inout [NativeAnswer], _ pass: LlamaPass) {
        var places: [Int] = [], rows: [[Float]] = [], failed: [Int] = []
        for (place, answer) in running.enumerated() {
            guard let token = answer.next else { continue }
            do {
                rows.append(try model.embeddings.row(token))
                places.append(place)
            } catch {
                fail(answer.job, error)
                failed.append(place)
            }
        }
        if !places.isEmpty {
            pass.begin(rows: places.count)
            for (row, values) in rows.enumerated() { pass.setInput(values[...], row: row) }
            pass.run(places.map { LlamaPass.Segment(cache: running[$0].cache, count: 1, logits: 1, usesAdapters: running[$0].job.request.usesAdapters) })
            failed += choose(&running, places, pass, removes: false)
        }
        for place in failed.sorted().reversed() { running.remove(at: place) }
    }

    /// Chooses the next token of answers, whose scores are the pass's rows in their order, and passes its text on.
    ///
    /// - Returns: the places of those that have ended.
    @discardableResult
    private func choose(_ running: inout [NativeAnswer], _ places: [Int], _ pass: LlamaPass, removes: Bool = true) -> [Int] {
        var ended: [Int] = []
        for (row, place) in places.enumerated() {
            do {
                let piece = try running[place].choose(pass.logits, row: row)
                if piece.finish == nil {
                    running[place].job.pieces.yield(piece)
                    continue
                }
                end(running[place].job, with: piece)
            } catch {
                fail(running[place].job, error)
            }
            ended.append(place)
        }
        if removes { for place in ended.reversed() { running.remove(at: place) } }
        return ended
    }

    private func end(_ job: NativeJob, with piece: GeneratedPiece) {
        line.leave()
        job.pieces.yield(piece)
        job.pieces.finish()
    }

    private func fail(_ job: NativeJob, _ error: any Error) {
        line.leave()
        job.pieces.finish(throwing: error)
    }
}
