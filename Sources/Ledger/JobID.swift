/// The ledger's number of a job.
public struct JobID: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// - Returns: nil unless `text` is a positive decimal number.
    public init?(_ text: some StringProtocol) {
        guard let number = Int64(text), number > 0 else { return nil }
        rawValue = number
    }

    public var description: String { String(rawValue) }

    public static func < (left: JobID, right: JobID) -> Bool { left.rawValue < right.rawValue }
}
