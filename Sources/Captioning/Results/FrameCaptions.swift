/// Output of `frame-captions`: one title and one caption per sampled frame, of what is seen only.
public struct FrameCaptions: Hashable, Sendable, Codable {
    public struct Frame: Hashable, Sendable, Codable {
        /// 1…15.
        public var index: Int
        /// Seconds from the first displayed picture.
        public var time: Double
        /// Two to four words.
        public var title: String
        public var caption: String

        public init(index: Int, time: Double, title: String, caption: String) {
            self.index = index
            self.time = time
            self.title = title
            self.caption = caption
        }

        enum CodingKeys: String, CodingKey { case index, time = "time_s", title, caption }
    }

    public var frames: [Frame]
    public var source: CaptionSource
    /// How a model came to it; nil for what the rules write of themselves.
    public var quality: CaptionQuality?

    public init(frames: [Frame], source: CaptionSource, quality: CaptionQuality? = nil) {
        self.frames = frames
        self.source = source
        self.quality = quality
    }
}
