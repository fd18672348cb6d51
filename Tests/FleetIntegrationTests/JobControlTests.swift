import Fleet
import FleetModel
import Ledger
import Testing

extension FleetIntegration {
    @Suite struct JobControlTests {
        /// Holds every root of the clips whose names begin so.
        private func holding(_ prefix: String, _ latch: Latch) -> Probe.Behaviour {
            { run, _ in
                if run.role == "root", run.clip.hasPrefix(prefix) { await latch.wait() }
                return .completed(())
            }
        }

        @Test func `a stream job ends while a bulk job holds every slot`() async throws {
            let latch = Latch()
            try await TestFleet.with({ $0.batch = 1 }, does: holding("bulk", latch)) { fleet in
                fleet.startCoordinator()
                try fleet.startWorker(slots: 2)
                let bulk = try await fleet.submit("bulk", clips: 60)
                try await eventually("bulk tasks hold both slots") { latch.held == 2 }
                let stream = try await fleet.submit("stream", clips: 5, lane: .stream)
                try await eventually("the stream job is finished") { try await fleet.isFinished(stream) }
                #expect(latch.held == 2)
                #expect(try await fleet.ledger.job(bulk).summary.done == 0)
                latch.open()
                try await eventually("the bulk job is finished") { try await fleet.isFinished(bulk) }
                try await fleet.expectAllDone(bulk, clips: 60)
            }
        }

        @Test func `a paused job stands still, and goes on where it stood`() async throws {
            let latch = Latch()
            try await TestFleet.with({ $0.batch = 4 }, does: holding("clip", latch)) { fleet in
                fleet.startCoordinator()
                try fleet.startWorker(slots: 2)
                let job = try await fleet.submit(clips: 80)
                try await eventually("two batches are held") { latch.held == 2 }
                try await fleet.ledger.pause(job)
                latch.open()
                try await eventually("what was running has ended") { try await fleet.ledger.counts().running == 0 && fleet.probe.running == 0 }
                let paused = try await fleet.ledger.job(job).summary
                #expect(paused.state == .paused)
                #expect(paused.done < 160)
                try await fleet.ledger.resume(job)
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await fleet.expectAllDone(job, clips: 80)
                fleet.expectEachRanOnce(clips: 80)
            }
        }

        @Test func `a cancelled job ends at once, and its neighbour goes on`() async throws {
            let latch = Latch()
            try await TestFleet.with({ $0.batch = 4 }, does: holding("gone", latch)) { fleet in
                fleet.startCoordinator()
                try fleet.startWorker(slots: 2)
                let gone = try await fleet.submit("gone", clips: 80)
                try await eventually("two batches are held") { latch.held == 2 }
                try await fleet.ledger.cancel(gone)
                latch.open()
                let other = try await fleet.submit("other", clips: 40)
                try await eventually("the neighbour is finished") { try await fleet.isFinished(other) }
                try await eventually("what was running has ended") { try await fleet.ledger.counts().running == 0 }
                #expect(try await fleet.ledger.job(gone).summary.state == .cancelled)
                #expect(fleet.probe.log.count { $0.clip.hasPrefix("gone") } <= 8)
                try await fleet.expectAllDone(other, clips: 40)
            }
        }
    }
}
