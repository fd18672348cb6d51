/// Which endpoint a request's next attempt goes to: by weight among those that serve the model and rest not, untried ones first.
struct EndpointChoice {
    struct Candidate {
        var index: Int
        var weight: Int
        var isTried: Bool
    }

    /// - Parameter chance: 0..<1.
    /// - Returns: nil where there is no candidate.
    static func pick(_ candidates: [Candidate], chance: Double) -> Int? {
        let untried = candidates.filter { !$0.isTried }
        let choice = untried.isEmpty ? candidates : untried
        let whole = choice.reduce(0) { $0 + max(1, $1.weight) }
        var left = chance * Double(whole)
        for candidate in choice {
            left -= Double(max(1, candidate.weight))
            if left < 0 { return candidate.index }
        }
        return choice.last?.index
    }
}
