/// When a shard is closed and the next begun: at whichever limit comes first. A shard has at least one sample.
public struct ShardLimits: Hashable, Sendable {
    public var samplesPerTar: Int
    public var bytesPerTar: Int
    public var rowsPerParquet: Int
    /// Compressed bytes.
    public var bytesPerParquet: Int
    public var rowsPerGroup: Int
    /// Bytes of values before compression; bounds what the writer holds in memory.
    public var bytesPerGroup: Int

    public init(samplesPerTar: Int = 1_000, bytesPerTar: Int = 512 << 20, rowsPerParquet: Int = 10_000, bytesPerParquet: Int = 512 << 20,
                rowsPerGroup: Int = 1_000, bytesPerGroup: Int = 64 << 20) {
        self.samplesPerTar = max(1, samplesPerTar)
        self.bytesPerTar = max(1, bytesPerTar)
        self.rowsPerParquet = max(1, rowsPerParquet)
        self.bytesPerParquet = max(1, bytesPerParquet)
        self.rowsPerGroup = max(1, rowsPerGroup)
        self.bytesPerGroup = max(1, bytesPerGroup)
    }
}
