import Foundation

/// Collects the runs of `bench fleet`.
struct FleetBenchReport {
    let clips: Int
    let path: FleetBench.Path
    let runs: Int
    private var bare: [BarePath.Result] = []
    private var perTask: [BarePath.Result] = []
    private var ledger: [LedgerPath.Result] = []

    init(clips: Int, path: FleetBench.Path, runs: Int) {
        self.clips = clips
        self.path = path
        self.runs = runs
    }

    mutating func add(bare result: BarePath.Result) { bare.append(result) }
    mutating func add(perTask result: BarePath.Result) { perTask.append(result) }
    mutating func add(ledger result: LedgerPath.Result) { ledger.append(result) }

    /// The names are what scripts read.
    struct Summary: Encodable {
        var clips: Int
        var runs: Int
        var payload_bytes = BarePath.payloadBytes
        var bare_tasks: Int?
        var bare_tasks_per_second: Double?
        var bare_tasks_per_second_minimum: Double?
        var bare_client_cpu_seconds_per_10000: Double?
        var bare_postgresql_cpu_seconds_per_10000: Double?
        var bare_rabbitmq_cpu_seconds_per_10000: Double?
        var bare_published_per_second: Double?
        var bare_commit_per_task_per_second: Double?
        var bare_commit_per_task_per_second_minimum: Double?
        var bare_commit_per_task_client_cpu_seconds_per_10000: Double?
        var ledger_tasks: Int?
        var ledger_tasks_per_second: Double?
        var ledger_tasks_per_second_minimum: Double?
        var ledger_seconds: Double?
        var ledger_client_cpu_seconds_per_10000: Double?
        var ledger_postgresql_cpu_seconds_per_10000: Double?
        var ledger_rabbitmq_cpu_seconds_per_10000: Double?
        var ledger_resident_early_mib: Int?
        var ledger_resident_late_mib: Int?
        var ingest_seconds: Double?
        var plan_seconds: Double?
        var peak_rss_mib: Int
    }

    var summary: Summary {
        func median<Result>(_ results: [Result], _ digits: Int, _ value: (Result) -> Double?) -> Double? { results.compactMap(value).median?.rounded(to: digits) }
        func minimum<Result>(_ results: [Result], _ value: (Result) -> Double) -> Double? { results.map(value).min()?.rounded(to: 0) }
        return Summary(
            clips: clips, runs: runs,
            bare_tasks: bare.first?.measurement.tasks,
            bare_tasks_per_second: median(bare, 0, \.measurement.perSecond),
            bare_tasks_per_second_minimum: minimum(bare, \.measurement.perSecond),
            bare_client_cpu_seconds_per_10000: median(bare, 3, \.measurement.clientPer10000),
            bare_postgresql_cpu_seconds_per_10000: median(bare, 3, \.measurement.postgreSQLPer10000),
            bare_rabbitmq_cpu_seconds_per_10000: median(bare, 3, \.measurement.rabbitMQPer10000),
            bare_published_per_second: median(bare, 0, \.publishedPerSecond),
            bare_commit_per_task_per_second: median(perTask, 0, \.measurement.perSecond),
            bare_commit_per_task_per_second_minimum: minimum(perTask, \.measurement.perSecond),
            bare_commit_per_task_client_cpu_seconds_per_10000: median(perTask, 3, \.measurement.clientPer10000),
            ledger_tasks: ledger.first?.measurement.tasks,
            ledger_tasks_per_second: median(ledger, 0, \.measurement.perSecond),
            ledger_tasks_per_second_minimum: minimum(ledger, \.measurement.perSecond),
            ledger_seconds: median(ledger, 2, \.measurement.seconds),
            ledger_client_cpu_seconds_per_10000: median(ledger, 3, \.measurement.clientPer10000),
            ledger_postgresql_cpu_seconds_per_10000: median(ledger, 3, \.measurement.postgreSQLPer10000),
            ledger_rabbitmq_cpu_seconds_per_10000: median(ledger, 3, \.measurement.rabbitMQPer10000),
            ledger_resident_early_mib: ledger.map(\.resident.early).max().map { $0 >> 20 },
            ledger_resident_late_mib: ledger.map(\.resident.late).max().map { $0 >> 20 },
            ingest_seconds: median(ledger, 2, \.ingest.exactSeconds),
            plan_seconds: median(ledger, 2, \.planning.exactSeconds),
            peak_rss_mib: ProcessUsage.peakResidentBytes >> 20)
    }

    /// What the last run gave, in a few words.
    var lastRun: String {
        [(bare.last?.measurement, "bare"), (perTask.last?.measurement, "a commit a task"), (ledger.last?.measurement, "ledger")]
            .compactMap { measurement, name in measurement.map { "\(name) \(Int($0.perSecond).grouped) tasks/s" } }.joined(separator: ", ")
    }

    var rendered: String {
        var table = TextTable([("PATH", .left), ("TASKS", .right), ("TASKS/S", .right), ("LEAST", .right), ("CPU S PER 10,000: CLIENT", .right), ("POSTGRESQL", .right), ("RABBITMQ", .right)])
        func add(_ name: String, _ runs: [Measurement]) {
            guard let tasks = runs.first?.tasks, let rate = runs.map(\.perSecond).median, let least = runs.map(\.perSecond).min() else { return }
            func cpu(_ value: (Measurement) -> Double?) -> String { runs.compactMap(value).median.map { "\($0.rounded(to: 3))" } ?? "?" }
            table.add([name, tasks.grouped, Int(rate).grouped, Int(least).grouped, cpu(\.clientPer10000), cpu(\.postgreSQLPer10000), cpu(\.rabbitMQPer10000)])
        }
        add("bare, batched", bare.map(\.measurement))
        add("bare, a commit a task", perTask.map(\.measurement))
        add("ledger", ledger.map(\.measurement))
        var lines = [table.rendered()]
        if let planning = ledger.map(\.planning.exactSeconds).median, let early = summary.ledger_resident_early_mib, let late = summary.ledger_resident_late_mib {
            lines.append("planning: \(planning.rounded(to: 1)) s; coordinator and worker in this process held \(early) MiB before the half of the tasks, \(late) MiB at the end")
        }
        return lines.joined(separator: "\n")
    }
}
