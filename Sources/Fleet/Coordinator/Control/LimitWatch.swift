import FleetModel
import Ledger

/// Notices limits that are new or lower than before: what is out under the old ones has to be called back. A pure value.
package struct LimitWatch: Sendable {
    package struct Tightened: Sendable, Equatable {
        package var stages: Set<StageName> = []
        package var jobs: Set<JobID> = []

        package init(stages: Set<StageName> = [], jobs: Set<JobID> = []) {
            self.stages = stages
            self.jobs = jobs
        }
    }

    private var rates: [StageName: Double] = [:]
    private var limits: [JobID: Int] = [:]

    package init() {}

    /// Takes over what the ledger says now. A limit that is seen for the first time counts as new: what an earlier coordinator sent is not known here.
    package mutating func adopt(_ open: [OpenQueue]) -> Tightened {
        var (rates, limits): ([StageName: Double], [JobID: Int]) = ([:], [:])
        for queue in open {
            rates[queue.stage] = queue.stageRate
            limits[queue.job] = queue.jobLimit
        }
        let tightened = Tightened(stages: Set(rates.filter { $0.value < self.rates[$0.key] ?? .infinity }.keys),
                                  jobs: Set(limits.filter { $0.value < self.limits[$0.key] ?? .max }.keys))
        (self.rates, self.limits) = (rates, limits)
        return tightened
    }
}
