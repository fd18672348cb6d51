/// One sample of a dataset: the description of one clip with what it was made from. Every sample has every member;
/// what is absent has the neutral value that its documentation names. All texts are UTF-8, all floats finite.
public struct DatasetRecord: Hashable, Sendable {
    /// Derived from `clipID`.
    public var key: SampleKey { SampleKey(clipID: clipID) }
    /// The catalogue's own name of the clip.
    public var clipID: String
    public var split: SplitSide
    /// The normalised artist as the split grouped it; only its digest is written (`SplitProof.digest(ofGroup:)`).
    public var artistGroup: String
    /// As the catalogue gives them, in its order.
    public var genres: [String]
    public var tags: [String]
    /// ISO 639 code as the source wrote it; nil is written `und`.
    public var language: String?
    /// Seconds of media described.
    public var durationSeconds: Double
    /// The fixed instruction that a model is trained to follow.
    public var instruction: String
    /// The description in the paper's text form: Overview, then Frame-by-frame Breakdown.
    public var text: String
    public var overview: String
    public var frames: [FrameDescription]
    /// One to three of the ten MV types, likeliest first.
    public var mvTypes: [String]
    public var music: MusicFacts
    public var lyrics: LyricsUnderstanding
    public var visual: VisualFacts
    public var provenance: RecordProvenance
    /// Written where the dataset has that column; nil where this clip has none.
    public var prediction: PredictedText?
    /// Written where the dataset has that column; empty where this clip has none.
    public var musicEmbedding: [Float]

    public init(clipID: String, split: SplitSide, artistGroup: String, genres: [String] = [], tags: [String] = [], language: String? = nil,
                durationSeconds: Double, instruction: String, text: String, overview: String, frames: [FrameDescription],
                mvTypes: [String], music: MusicFacts, lyrics: LyricsUnderstanding, visual: VisualFacts, provenance: RecordProvenance, prediction: PredictedText? = nil, musicEmbedding: [Float] = []) {
        self.clipID = clipID
        self.split = split
        self.artistGroup = artistGroup
        self.genres = genres
        self.tags = tags
        self.language = language
        self.durationSeconds = durationSeconds
        self.instruction = instruction
        self.text = text
        self.overview = overview
        self.frames = frames
        self.mvTypes = mvTypes
        self.music = music
        self.lyrics = lyrics
        self.visual = visual
        self.provenance = provenance
        self.prediction = prediction
        self.musicEmbedding = musicEmbedding
    }
}
