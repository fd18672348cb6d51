import RabbitMQ
import Testing

@Suite struct ReconnectPolicyTests {
    let policy = ReconnectPolicy(first: .milliseconds(100), longest: .seconds(5))

    @Test func theCeilingDoublesUpToTheLongest() {
        let ceilings = (0..<8).map { policy.delay(attempt: $0, fraction: 1) }
        #expect(ceilings == [100, 200, 400, 800, 1600, 3200, 5000, 5000].map { .milliseconds($0) })
        #expect(policy.delay(attempt: .max, fraction: 1) == .seconds(5))
    }

    @Test func theJitterIsFull() {
        #expect(policy.delay(attempt: 3, fraction: 0) == .zero)
        #expect(policy.delay(attempt: 3, fraction: 0.25) == .milliseconds(200))
        #expect(policy.delay(attempt: 3, fraction: 7) == .milliseconds(800))
    }

    @Test func aSuccessStartsOver() {
        var backoff = Backoff(policy: policy) { 1 }
        let waits = [backoff.failed(), backoff.failed()]
        #expect(waits == [.milliseconds(100), .milliseconds(200)])
        backoff.succeeded()
        #expect(backoff.failed() == .milliseconds(100))
    }
}
