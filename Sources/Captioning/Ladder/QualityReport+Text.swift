extension QualityReport: CustomStringConvertible {
    /// One line a stage and, below it, one line a step that was taken: requests, tokens, and what was wrong, the most frequent first.
    public var description: String {
        stages.sorted { $0.key < $1.key }.map { name, stage in
            let passed = LadderStep.allCases.compactMap { step in stage.passed[step].map { "\($0) at \(step.rawValue)" } }
            var ends = passed
            if stage.exhausted > 0 { ends.append("\(stage.exhausted) at none") }
            if stage.repaired > 0 { ends.append("\(stage.repaired) of them repaired without asking") }
            let steps = LadderStep.allCases.compactMap { step in stage.steps[step].map { "  \(step.rawValue): \($0.line)" } }
            return (["\(name): \(stage.texts) texts; passed: \(ends.joined(separator: ", "))"] + steps).joined(separator: "\n")
        }.joined(separator: "\n")
    }
}

extension QualityReport.Step {
    fileprivate var line: String {
        var parts = ["\(requests) requests", "\(promptTokens) + \(completionTokens) tokens"]
        for (what, counts) in [("broken", violations), ("repaired", repairs), ("failed", failures)] where !counts.isEmpty {
            let listed = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \($0.value)" }
            parts.append("\(what): \(listed.joined(separator: ", "))")
        }
        return parts.joined(separator: "; ")
    }
}
