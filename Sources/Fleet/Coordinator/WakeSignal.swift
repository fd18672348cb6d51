/// Something to sleep on that others can end early. A call before the sleep counts: nothing that happened meanwhile is slept over.
package actor WakeSignal {
    private var isSet = false
    private var waiter: CheckedContinuation<Void, Never>?
    private var generation = 0

    package init() {}

    package func signal() {
        isSet = true
        wake()
    }

    /// Returns when signalled, at the latest after `limit`.
    package func wait(atMost limit: Duration) async {
        if !isSet, !Task.isCancelled {
            generation += 1
            let mine = generation
            let timer = Task {
                // The longest that nobody needs to call; cancelled by whoever calls earlier.
                try? await Task.sleep(for: limit)
                self.expire(mine)
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    if isSet { continuation.resume() } else { waiter = continuation }
                }
            } onCancel: {
                timer.cancel()
            }
            timer.cancel()
        }
        isSet = false
    }

    private func expire(_ timer: Int) {
        if timer == generation { wake() }
    }

    private func wake() {
        waiter?.resume()
        waiter = nil
    }
}
