import Foundation
import LocalServices

/// Reads, at one moment, how much processor time client and servers have used so far.
struct Meter: Sendable {
    /// Process numbers of the servers where they are this machine's private ones.
    private let postgreSQL: Int32?
    private let rabbitMQ: Int32?

    struct Reading: Sendable {
        var client: Double
        var postgreSQL: Double?
        var rabbitMQ: Double?

        static func - (later: Reading, earlier: Reading) -> Reading {
            func difference(_ a: Double?, _ b: Double?) -> Double? { a.flatMap { a in b.map { a - $0 } } }
            return Reading(client: later.client - earlier.client, postgreSQL: difference(later.postgreSQL, earlier.postgreSQL), rabbitMQ: difference(later.rabbitMQ, earlier.rabbitMQ))
        }
    }

    init(_ setup: FleetSetup) async {
        guard setup.configuration.usesPrivateServices else {
            postgreSQL = nil
            rabbitMQ = nil
            return
        }
        let services = await LocalServices.make(setup.configuration, logger: setup.logger).status().services
        postgreSQL = services.first { $0.name == .postgresql }?.pid
        rabbitMQ = services.first { $0.name == .rabbitmq }?.pid
    }

    func read() -> Reading {
        Reading(client: ProcessUsage.ofThisProcess.cpuSeconds, postgreSQL: postgreSQL.map { ProcessUsage.ofTree($0).cpuSeconds },
                rabbitMQ: rabbitMQ.map { ProcessUsage.ofTree($0).cpuSeconds })
    }
}

/// One timed run.
struct Measurement: Sendable {
    var tasks: Int
    var seconds: Double
    var usage: Meter.Reading

    var perSecond: Double { Double(tasks) / seconds }
    var clientPer10000: Double { per10000(usage.client) }
    var postgreSQLPer10000: Double? { usage.postgreSQL.map(per10000) }
    var rabbitMQPer10000: Double? { usage.rabbitMQ.map(per10000) }

    private func per10000(_ seconds: Double) -> Double { seconds / Double(tasks) * 10_000 }
}

extension Collection<Double> {
    /// The middle one, or the mean of the middle two; nil of none.
    var median: Double? {
        let sorted = sorted()
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}

extension Double {
    func rounded(to digits: Int) -> Double {
        let scale = pow(10, Double(digits))
        return (self * scale).rounded() / scale
    }
}

extension Duration {
    var exactSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
