/// Which endpoint a request's next attempt goes to: by weight among those that serve the model and rest not, untried ones first.
package enum EndpointChoice {
    package struct Candidate {
        package var index: Int
        package var weight: Int
        package var isTried: Bool

        package init(index: Int, weight: Int, isTried: Bool) {
            self.index = index
            self.weight = weight
            self.isTried = isTried
        }
    }

    /// - Parameter chance: 0..<1.
    /// - Returns: nil where there is no candidate.
    package static func pick(_ candidates: [Candidate], chance: Double) -> Int? {
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
