import Dispatch
import Glibc
import Synchronization
import TensorKernels

/// Runs a language model for many requests on a thread of its own: requests join and leave between two steps.
///
/// A step is one token of every answer under way, and before it one part of one prompt, so that nobody waits for a long prompt of another. Who came first is
/// admitted first, when a slot and the memory for all its tokens are free. Prompts are always cut at the same places: where a runner's arithmetic of
/// each row is its own, what else is running changes no answer.
package final class AnswerEngine: Sendable {
    /// How requests share a runner.
    package struct Limits: Sendable {
        /// Requests that are answered at the same time.
        package var slots: Int
        /// Tokens of all running requests together, each counted with the most that it may come to.
        package var tokens: Int
        /// Tokens of a prompt that are run at once.
        package var promptPart: Int

        package init(slots: Int, tokens: Int, promptPart: Int) {
            self.slots = slots
            self.tokens = tokens
            self.promptPart = promptPart
        }
    }

    /// What callers ask of the thread.
    private struct Orders: Sendable {
        var jobs: [AnswerJob] = []
        var cancelled: Set<UInt64> = []
        var isShutDown = false
        var isEnded = false
        /// The thread waits to be woken.
        var isIdle = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let orders = Mutex(Orders())
    private let bell = DispatchSemaphore(value: 0)
    private let makeRunner: @Sendable () -> any SequenceRunner
    private let tokenizer: any TextTokenizer
    private let limits: Limits
    private let line: AdmissionLine

    /// - makeRunner: called on the engine's thread, which alone uses the runner.
    package init(tokenizer: any TextTokenizer, limits: Limits, line: AdmissionLine, makeRunner: @escaping @Sendable () -> any SequenceRunner) {
        self.makeRunner = makeRunner
        self.tokenizer = tokenizer
        self.limits = limits
        self.line = line
    }

    /// - Throws: `ModelError.backend` when there is no thread.
    package func start() throws(ModelError) {
        var thread = pthread_t()
        // The thread takes over this reference, and gives it back when it ends.
        let reference = Unmanaged.passRetained(self)
        let status = pthread_create(&thread, nil, { argument in
            guard let argument else { return nil }
            Unmanaged<AnswerEngine>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }, reference.toOpaque())
        guard status == 0 else {
            reference.release()
            throw ModelError(code: .backend, message: "no thread for the language model: \(String(cString: strerror(status)))", isRetriable: true)
        }
        pthread_detach(thread)
    }

    // MARK: Orders, from any thread

    @inline(never) package func add(_ job: AnswerJob) {
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

    @inline(never) package func cancel(_ id: UInt64) { order { _ = $0.cancelled.insert(id) } }

    @inline(never) package func shutDown() { order { $0.isShutDown = true } }

    package func ended() async {
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
        let runner = makeRunner()
        var waiting: [AnswerJob] = [], running: [AnswerUnderWay] = []
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
            admit(&waiting, to: &running, runner)
            runPrompt(&running, runner)
            runAnswers(&running, runner)
        }
        let waitingForEnd = orders.withLock { orders in
            orders.isEnded = true
            defer { orders.waitingForEnd = [] }
            return orders.waitingForEnd
        }
        for continuation in waitingForEnd { continuation.resume() }
    }

    private func takeOrders(waits: Bool) -> (jobs: [AnswerJob], cancelled: Set<UInt64>, isShutDown: Bool) {
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
    private func admit(_ waiting: inout [AnswerJob], to running: inout [AnswerUnderWay], _ runner: any SequenceRunner) {
        while let job = waiting.first, running.count < limits.slots, running.reduce(job.mostTokens, { $0 + $1.job.mostTokens }) <= limits.tokens {
            waiting.removeFirst()
            do {
                running.append(AnswerUnderWay(job, sequence: try runner.open(capacity: job.mostTokens), tokenizer: tokenizer))
            } catch {
                fail(job, error)
            }
        }
    }

    /// One part of the first prompt that is not through.
    private func runPrompt(_ running: inout [AnswerUnderWay], _ runner: any SequenceRunner) {
        guard let place = running.firstIndex(where: { !$0.isPromptThrough }) else { return }
        let answer = running[place], prompt = answer.job.request.prompt, part = answer.promptPart(limits.promptPart)
        let isLast = part.upperBound == prompt.tokenCount
        do {
            try runner.run(prompt.values[part.lowerBound * prompt.hidden ..< part.upperBound * prompt.hidden], of: answer.sequence, isLast: isLast,
                           usesAdapters: answer.job.request.usesAdapters)
        } catch {
            fail(answer.job, error)
            running.remove(at: place)
            return
        }
        if isLast { choose(&running, [place], runner) }
    }

    /// One token of every answer under way.
    private func runAnswers(_ running: inout [AnswerUnderWay], _ runner: any SequenceRunner) {
        let places = running.indices.filter { running[$0].next != nil }
        guard !places.isEmpty else { return }
        do {
            try runner.run(places.compactMap { place in
                running[place].next.map { SequenceToken(token: $0, sequence: running[place].sequence, usesAdapters: running[place].job.request.usesAdapters) }
            })
            choose(&running, places, runner)
        } catch {
            for place in places.reversed() { fail(running.remove(at: place).job, error) }
        }
    }

    /// Chooses the next token of answers, whose scores are the runner's rows in their order, passes its text on, and removes those that have ended.
    private func choose(_ running: inout [AnswerUnderWay], _ places: [Int], _ runner: any SequenceRunner) {
        var ended: [Int] = []
        for (row, place) in places.enumerated() {
            do {
                let piece = try running[place].choose(runner.logits, row: row)
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
        for place in ended.reversed() { running.remove(at: place) }
    }

    private func end(_ job: AnswerJob, with piece: GeneratedPiece) {
        line.leave()
        job.pieces.yield(piece)
        job.pieces.finish()
    }

    private func fail(_ job: AnswerJob, _ error: any Error) {
        line.leave()
        job.pieces.finish(throwing: error)
    }
}
