/// Lets ordinary batches run side by side, and a task that is suspected of killing its process run with nothing beside it.
///
/// A readers-writer gate: a waiting solo run holds back later shared ones, so that it comes to its turn.
package actor SoloGate {
    private var shared = 0
    private var solo = false
    private var waitingSolo: [CheckedContinuation<Void, Never>] = []
    private var waitingShared: [CheckedContinuation<Void, Never>] = []

    package init() {}

    package func run<Result: Sendable>(alone: Bool, _ body: @Sendable () async -> Result) async -> Result {
        await enter(alone: alone)
        let result = await body()
        leave(alone: alone)
        return result
    }

    private func enter(alone: Bool) async {
        if alone {
            while solo || shared > 0 { await withCheckedContinuation { waitingSolo.append($0) } }
            solo = true
        } else {
            while solo || !waitingSolo.isEmpty { await withCheckedContinuation { waitingShared.append($0) } }
            shared += 1
        }
    }

    private func leave(alone: Bool) {
        if alone { solo = false } else { shared -= 1 }
        if shared == 0, !solo, !waitingSolo.isEmpty {
            waitingSolo.removeFirst().resume()
        } else if !solo {
            let woken = waitingShared
            waitingShared = []
            woken.forEach { $0.resume() }
        }
    }
}
