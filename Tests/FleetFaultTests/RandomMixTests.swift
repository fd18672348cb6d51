import FaultStages
import Fleet
import FleetModel
import Foundation
import Ledger
import LocalServices
import RabbitMQ
import Synchronization
import Testing

extension FleetFaults.OnServersThatSuffer {
    /// Everything at once, for a while.
    @Suite(.timeLimit(Chaos.timeLimit), .enabled(if: Chaos.isWhole, "only under scripts/chaos"), .tags(.chaos))
    struct RandomMixTests {
        private static let clips = 300

        @Test func `through a random mix of faults every job is done, and memory and descriptors stay flat`() async throws {
            let schedule = BlowSchedule(seed: Chaos.seed, length: .seconds(60 * Chaos.minutes))
            print("chaos: seed \(Chaos.seed), \(schedule.blows.count) blows: \(schedule)")
            try await FaultFleet.with { fleet in
                let crowd = Crowd(fleet)
                try await crowd.start()
                let striking = Task { try await strike(schedule, fleet, crowd) }
                let result: Result<Void, any Error>
                do {
                    try await work(until: .now + schedule.length, fleet, crowd)
                    result = .success(())
                } catch {
                    striking.cancel()
                    result = .failure(error)
                }
                do { try await striking.value } catch where error is CancellationError {}
                await crowd.calm()
                try result.get()
                // The last blow may have ended the sessions of this process too.
                let last = try await eventualAnswer(to: "a last submission") { try await fleet.submit("last", clips: Self.clips) }
                try await fleet.expectWhole(last, "last", clips: Self.clips, within: .seconds(180))
                crowd.expectFlat()
            }
        }

        /// Job after job, each checked when it is done.
        private func work(until end: ContinuousClock.Instant, _ fleet: FaultFleet, _ crowd: Crowd) async throws {
            var number = 0
            while ContinuousClock.now < end {
                number += 1
                let name = "job\(number)"
                let job = try await eventualAnswer(to: "a submission of \(name)", within: .seconds(120)) {
                    try await fleet.submit(name, clips: Self.clips, settings: [.left: FaultSettings(work: .milliseconds(20))])
                }
                try await eventually("\(name) is finished", within: .seconds(240)) { try await fleet.isFinished(job) }
                try await eventually("\(name) can be read") {
                    try await fleet.expectEndings(job, name, clips: Self.clips)
                    return true
                }
                crowd.sample()
            }
            print("chaos: \(number) jobs of \(4 * Self.clips) tasks")
        }

        private func strike(_ schedule: BlowSchedule, _ fleet: FaultFleet, _ crowd: Crowd) async throws {
            let begin = ContinuousClock.now
            for blow in schedule.blows {
                // A blow falls at the moment that was drawn for it: nothing is waited for here.
                try await Task.sleep(until: begin + blow.at)
                print("chaos: \(blow)")
                try await deal(blow, fleet, crowd)
                fleet.injected()
            }
        }

        /// For how long something stays paused, or an alarm raised, is a part of the blow, drawn with it: nothing is waited for here. Where the mix is broken off it ends
        /// at once, and what was stopped goes on again all the same.
        private func hold(_ blow: BlowSchedule.Blow, upTo milliseconds: Int) async {
            try? await Task.sleep(for: .milliseconds(500 + blow.choice % milliseconds))
        }

        private func deal(_ blow: BlowSchedule.Blow, _ fleet: FaultFleet, _ crowd: Crowd) async throws {
            switch blow.kind {
            case .killWorker: crowd.strike(worker: blow.choice, SIGKILL)
            case .endWorker: crowd.strike(worker: blow.choice, SIGTERM)
            case .pauseWorker: try await crowd.pause(worker: blow.choice, for: .milliseconds(500 + blow.choice % 8_000))
            case .killCoordinator: crowd.strike(coordinator: blow.choice, SIGKILL)
            case .pauseCoordinator: try await crowd.pause(coordinator: blow.choice, for: .milliseconds(500 + blow.choice % 6_000))
            case .drainWorker: try await crowd.drain(worker: blow.choice)
            case .pauseStage:
                let stage = fleet.scope.stage(FaultRole.allCases[blow.choice % FaultRole.allCases.count])
                try await eventualAnswer(to: "a pause of \(stage)") { try await fleet.ledger.pause(stage: stage) }
                await hold(blow, upTo: 4_000)
                try await eventualAnswer(to: "the end of it") { try await fleet.ledger.resume(stage: stage) }
            case .pauseJobs:
                let jobs = try await eventualAnswer(to: "its jobs") { try await fleet.ledger.jobs().filter { $0.state == .running }.map(\.id) }
                for job in jobs { try await eventualAnswer(to: "a pause of job \(job)") { try await fleet.ledger.pause(job) } }
                await hold(blow, upTo: 4_000)
                for job in jobs { try await eventualAnswer(to: "the end of it") { try await fleet.ledger.resume(job) } }
            case .alarmBroker:
                try await fleet.servers.rabbitmqctl(["set_vm_memory_high_watermark", "absolute", "1MB"])
                await hold(blow, upTo: 8_000)
                try await fleet.servers.rabbitmqctl(["set_vm_memory_high_watermark", "absolute", "1GB"])
            case .killBroker:
                try await fleet.servers.kill(.rabbitmq)
                try await fleet.servers.up()
            case .killDatabase:
                try await fleet.servers.kill(.postgresql)
                try await fleet.servers.up()
            case .restartDatabase:
                try await fleet.servers.restartDatabase()
            case .purgeQueues:
                try await fleet.withPublisher { publisher in for queue in fleet.queues { _ = try? await publisher.purge(queue: queue) } }
            case .deleteQueues:
                try await fleet.withPublisher { publisher in for queue in fleet.queues { try? await publisher.delete(queue: queue) } }
            case .repeatMessages:
                let queues = try await eventualAnswer(to: "open queues") { try await fleet.ledger.openQueues() }
                try await fleet.withPublisher { publisher in
                    for queue in queues {
                        let name = BrokerQueue(stage: queue.stage, version: queue.version, lane: queue.lane).name
                        let tokens = try await eventualAnswer(to: "tokens") { try await fleet.ledger.ready(in: queue.id, after: 0, limit: 300) }
                        let messages = tokens.reversed().map { Message(routingKey: name, body: TaskMessage.encode($0)) }
                        _ = try await publisher.publish(messages + messages, deadline: .seconds(20))
                    }
                }
            }
        }
    }
}

/// What is done when: a pure function of the seed.
struct BlowSchedule: CustomStringConvertible, Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case killWorker, endWorker, pauseWorker, killCoordinator, pauseCoordinator, killBroker, killDatabase, restartDatabase, purgeQueues, deleteQueues, repeatMessages
        case drainWorker, pauseStage, pauseJobs, alarmBroker

        /// Of all blows; servers take seconds to come back.
        var weight: Int {
            switch self {
            case .killWorker: 6
            case .endWorker, .pauseWorker: 3
            case .killCoordinator, .pauseCoordinator, .repeatMessages, .drainWorker, .pauseStage, .pauseJobs: 2
            case .alarmBroker, .killBroker, .killDatabase, .restartDatabase, .purgeQueues, .deleteQueues: 1
            }
        }
    }

    struct Blow: CustomStringConvertible, Sendable {
        var at: Duration
        var kind: Kind
        /// Whom it hits, and how hard.
        var choice: Int
        var description: String { "\(at / .seconds(1)) s \(kind.rawValue) \(choice)" }
    }

    let length: Duration
    let blows: [Blow]

    init(seed: UInt64, length: Duration) {
        self.length = length
        var chance = SeededChance(seed)
        var blows: [Blow] = []
        let bag = Kind.allCases.flatMap { kind in Array(repeating: kind, count: kind.weight) }
        var at = Duration.seconds(3)
        while at < length {
            blows.append(Blow(at: at, kind: bag[chance.below(bag.count)], choice: chance.below(10_000)))
            at += .milliseconds(2_000 + chance.below(6_000))
        }
        self.blows = blows
    }

    var description: String { blows.map(\.description).joined(separator: ", ") }
}

/// Workers and coordinators that are started again when they end; and one of each that nobody ends, whose appetite is watched.
final class Crowd: Sendable {
    private struct State {
        var workers: [Spawned] = []
        var coordinators: [Spawned] = []
        var witnesses: [Spawned] = []
        var samples: [[(bytes: Int, descriptors: Int)]] = []
        var starts = 0
    }

    private let fleet: FaultFleet
    private let state = Mutex(State())
    private let tending = Mutex<Task<Void, Never>?>(nil)

    init(_ fleet: FaultFleet) { self.fleet = fleet }

    func start() async throws {
        let witnesses = [try fleet.startWorker("witness-worker"), try fleet.startCoordinator("witness-coordinator")]
        set(witnesses)
        let tender = Task { await self.tend() }
        tending.withLock { $0 = tender }
    }

    @inline(never)
    private func set(_ witnesses: [Spawned]) { state.withLock { $0.witnesses = witnesses } }

    private func tend() async {
        while !Task.isCancelled {
            replace()
            // How long a process that was killed stays away.
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Two workers and a coordinator beside the witnesses, as long as it goes on.
    @inline(never)
    private func replace() {
        state.withLock { state in
            state.workers.removeAll { $0.ending != nil }
            state.coordinators.removeAll { $0.ending != nil }
            while state.workers.count < 2, let worker = try? fleet.startWorker("worker-\(state.starts)") {
                state.starts += 1
                state.workers.append(worker)
            }
            while state.coordinators.count < 1, let coordinator = try? fleet.startCoordinator("coordinator-\(state.starts)") {
                state.starts += 1
                state.coordinators.append(coordinator)
            }
        }
    }

    @inline(never)
    private func worker(_ choice: Int) -> Spawned? { state.withLock { $0.workers.isEmpty ? nil : $0.workers[choice % $0.workers.count] } }

    @inline(never)
    private func coordinator(_ choice: Int) -> Spawned? { state.withLock { $0.coordinators.isEmpty ? nil : $0.coordinators[choice % $0.coordinators.count] } }

    func strike(worker choice: Int, _ signal: Int32) { worker(choice)?.send(signal) }
    func strike(coordinator choice: Int, _ signal: Int32) { coordinator(choice)?.send(signal) }

    func pause(worker choice: Int, for pause: Duration) async throws { try await sleep(worker(choice), pause) }
    func pause(coordinator choice: Int, for pause: Duration) async throws { try await sleep(coordinator(choice), pause) }

    /// As an operator would: by its number in the ledger, which the worker may not have yet.
    func drain(worker choice: Int) async throws {
        guard let pid = worker(choice)?.pid else { return }
        let workers = try await eventualAnswer(to: "the list of workers") { try await fleet.ledger.workers(seenWithin: .seconds(60)) }
        for worker in workers where worker.pid == pid { try await eventualAnswer(to: "a drain") { try await fleet.ledger.requestDrain(worker.id) } }
    }

    private func sleep(_ process: Spawned?, _ pause: Duration) async throws {
        process?.send(SIGSTOP)
        defer { process?.send(SIGCONT) }
        // The pause is the blow.
        try await Task.sleep(for: pause)
    }

    /// Nobody is started any more.
    func calm() async {
        let tender = tending.withLock { $0 }
        tender?.cancel()
        await tender?.value
    }

    // MARK: Appetite

    @inline(never)
    func sample() {
        state.withLock { state in
            let now = state.witnesses.compactMap { process in process.privateBytes.flatMap { bytes in process.descriptors.map { (bytes, $0) } } }
            if now.count == state.witnesses.count { state.samples.append(now) }
        }
    }

    /// A coordinator that stands by has a third of what one has that leads: pool, listener, two connections to the broker, their wake-ups.
    private static let descriptorsOfALeader = 40

    /// The median of the last quarter is not above that of the second: what a process needs once, it has by then.
    func expectFlat() {
        let (samples, names) = state.withLock { ($0.samples, ["worker", "coordinator"]) }
        guard samples.count >= 8 else { return }
        for (index, name) in names.enumerated() {
            let early = samples[(samples.count / 4)..<(samples.count / 2)].map { $0[index] }, late = samples[(samples.count * 3 / 4)...].map { $0[index] }
            let bytes = (early.map(\.bytes).sorted()[early.count / 2], late.map(\.bytes).sorted()[late.count / 2])
            let descriptors = (early.map(\.descriptors).max() ?? 0, late.map(\.descriptors).max() ?? 0)
            print("chaos: \(name): \(bytes.0 >> 10) KiB then \(bytes.1 >> 10) KiB, \(descriptors.0) then \(descriptors.1) descriptors")
            #expect(bytes.1 <= bytes.0 + bytes.0 / 5 + (8 << 20), "the memory of the \(name) grows: \(samples.map { $0[index].bytes >> 10 }) KiB")
            #expect(descriptors.1 <= max(descriptors.0 + 6, Self.descriptorsOfALeader), "the descriptors of the \(name) grow: \(samples.map { $0[index].descriptors })")
        }
    }
}
