public struct IngestReport: Sendable, Equatable {
    public var added = 0
    public var changed = 0
    public var unchanged = 0
    /// Were in the collection and are no longer in the catalogue. Zero where the catalogue was not given whole.
    public var gone = 0
    /// Keys that came more than once, of which the first counted; at most 100 are named.
    public var duplicates: [String] = []
    public var duplicateCount = 0

    public init() {}

    /// Clips of the catalogue, each counted once.
    public var total: Int { added + changed + unchanged }
}

public struct CollectionInfo: Sendable, Equatable {
    public var name: String
    public var clips: Int
    public var gone: Int

    public init(name: String, clips: Int, gone: Int) {
        self.name = name
        self.clips = clips
        self.gone = gone
    }
}
