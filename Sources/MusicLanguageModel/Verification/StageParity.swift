/// How closely one stage of the model gives what the reference implementation gave.
public struct StageParity: Sendable, Equatable, Codable {
    /// What difference is allowed of a number.
    public enum Tolerance: Sendable, Equatable, Codable, CustomStringConvertible {
        case absolute(Double)
        /// Of the largest magnitude in the reference.
        case ofMaximum(Double)
        /// None: tokens, text.
        case equal

        public var description: String {
            switch self {
            case .absolute(let bound): "\(bound)"
            case .ofMaximum(let bound): "\(bound) of max"
            case .equal: "equal"
            }
        }
    }

    /// The reference tensor's name, or what is compared in words.
    public var stage: String
    public var tolerance: Tolerance
    /// Nil where nothing could be compared. Of what must be equal: how many differ.
    public var greatestDifference: Double?
    /// The largest magnitude in the reference.
    public var referenceMaximum: Double?
    public var passed: Bool
    /// Why nothing could be compared, or what is worth knowing of it.
    public var remark: String?

    /// A stage of which nothing could be compared, and which therefore failed.
    public init(stage: String, tolerance: Tolerance, failure: String) {
        self.init(stage: stage, tolerance: tolerance, greatestDifference: nil, referenceMaximum: nil, passed: false, remark: failure)
    }

    public init(stage: String, tolerance: Tolerance, greatestDifference: Double?, referenceMaximum: Double?, passed: Bool, remark: String? = nil) {
        self.stage = stage
        self.tolerance = tolerance
        self.greatestDifference = greatestDifference
        self.referenceMaximum = referenceMaximum
        self.passed = passed
        self.remark = remark
    }

    /// Compares numbers one by one; a number that is not finite fails.
    public init(stage: String, of values: some Collection<Float>, with reference: some Collection<Float>, tolerance: Tolerance) {
        guard values.count == reference.count else {
            self.init(stage: stage, tolerance: tolerance, failure: "\(values.count) numbers, the reference has \(reference.count)")
            return
        }
        var difference = 0.0, maximum = 0.0, unequal = 0
        var areFinite = true
        for (value, expected) in zip(values, reference) {
            areFinite = areFinite && value.isFinite && expected.isFinite
            difference = max(difference, abs(Double(value) - Double(expected)))
            maximum = max(maximum, abs(Double(expected)))
            if value != expected { unequal += 1 }
        }
        let passed = switch tolerance {
        case .absolute(let bound): difference <= bound
        case .ofMaximum(let bound): difference <= bound * maximum
        case .equal: unequal == 0
        }
        self.init(
            stage: stage, tolerance: tolerance, greatestDifference: tolerance == .equal ? Double(unequal) : difference, referenceMaximum: maximum, passed: passed && areFinite,
            remark: areFinite ? nil : "there are numbers that are not finite")
    }

    /// Compares whole numbers one by one, such as tokens; what one side has more of differs.
    public init(stage: String, of values: [Int], equalTo reference: [Int]) {
        let unequal = zip(values, reference).filter { $0 != $1 }.count + abs(values.count - reference.count)
        self.init(stage: stage, tolerance: .equal, greatestDifference: Double(unequal), referenceMaximum: nil, passed: unequal == 0)
    }
}
