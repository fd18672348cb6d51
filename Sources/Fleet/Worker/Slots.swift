/// A counting semaphore for tasks.
package actor Slots {
    private var free: Int
    private var waiters: [CheckedContinuation<Void, Never>] = []

    package init(_ total: Int) {
        free = total
    }

    package func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiters.append($0) }
        }
    }

    package func give() {
        if waiters.isEmpty {
            free += 1
        } else {
            waiters.removeFirst().resume()
        }
    }
}
