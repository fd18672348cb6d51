import Fleet
import FleetModel
import Testing

struct QueueRestsTests {
    private let queue = BrokerQueue(stage: "frames", version: 1, lane: .bulk), other = BrokerQueue(stage: "audio", version: 1, lane: .bulk)
    private let start = ContinuousClock.now

    @Test func aQueueRestsLongerEachTimeUpToAMinute() {
        var rests = QueueRests()
        var now = start
        for length in [1, 2, 4, 8, 16, 32, 60, 60] {
            #expect(!rests.isResting(queue, at: now))
            rests.rest(queue, isSilent: false, at: now)
            #expect(rests.isResting(queue, at: now + .seconds(length) - .milliseconds(1)))
            #expect(!rests.isResting(other, at: now))
            now += .seconds(length)
        }
        rests.answered(queue)
        rests.rest(queue, isSilent: false, at: now)
        #expect(!rests.isResting(queue, at: now + .seconds(1)))
    }

    @Test func anotherConnectionEndsTheRestOfWhatWasOnlyNotConfirmed() {
        var rests = QueueRests()
        rests.rest(queue, isSilent: false, at: start)
        rests.rest(other, isSilent: true, at: start)
        rests.reconnected()
        #expect(!rests.isResting(queue, at: start))
        #expect(rests.isResting(other, at: start))
    }
}
