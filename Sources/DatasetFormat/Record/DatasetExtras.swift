/// Columns that a dataset has only where its job made them. Without any, its bytes are what they were before there were such columns.
public struct DatasetExtras: OptionSet, Hashable, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// `prediction` and `prediction_status`.
    public static let prediction = DatasetExtras(rawValue: 1)
    /// `music_embedding`.
    public static let musicEmbedding = DatasetExtras(rawValue: 2)
}

/// What a fine-tuned model wrote for a clip, beside the description that is the sample's own text.
public struct PredictedText: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable {
        case done
        /// The answer reached its longest length.
        case cut
        case filtered
        case failed
        case unfinished
    }

    /// Empty unless done or cut.
    public var text: String
    public var status: Status

    public init(text: String = "", status: Status) {
        self.text = text
        self.status = status
    }
}
