/// Output of `description`: an overview and a frame-by-frame breakdown (arXiv 2503.11190, Fig. 4), with the measured figures beside the words.
public struct MVDescription: Hashable, Sendable, Codable {
    /// The paper's fixed instruction (§2.2), word for word.
    public static let instruction = """
        Generate a concise video prompt that captures the essence of the MV, incorporating the music's tone, style, and lyrical themes. \
        The prompt should reflect the specified MV type and align with the music genre to ensure stylistic coherence for guiding a \
        text-to-video model.
        """

    public var overview: String
    /// One per sampled frame: 15 for a clip of 30 seconds, fewer for a shorter one.
    public var frames: [Frame]
    /// One to three of the ten names, the most likely first.
    public var mvTypes: [MVType]
    public var music: Music
    public var provenance: Provenance
    /// How a model came to it; nil for what the rules write of themselves.
    public var quality: CaptionQuality?

    public init(overview: String, frames: [Frame], mvTypes: [MVType], music: Music, provenance: Provenance, quality: CaptionQuality? = nil) {
        self.overview = overview
        self.frames = frames
        self.mvTypes = mvTypes
        self.music = music
        self.provenance = provenance
        self.quality = quality
    }

    enum CodingKeys: String, CodingKey { case overview, frames, mvTypes = "mv_types", music, provenance, quality }
}

extension MVDescription {
    /// One frame. It is the picture at `start`, and stands for the time until the next one.
    public struct Frame: Hashable, Sendable, Codable {
        /// 1…15.
        public var index: Int
        /// Seconds; when the picture is on screen.
        public var start: Double
        /// Seconds; the next frame's `start`, or the end of the clip.
        public var end: Double
        public var title: String
        public var description: String
        /// Where the picture stands in the music; see ``SyncPoint``.
        public var sync: SyncPoint

        public init(index: Int, start: Double, end: Double, title: String, description: String, sync: SyncPoint) {
            self.index = index
            self.start = start
            self.end = end
            self.title = title
            self.description = description
            self.sync = sync
        }

        enum CodingKeys: String, CodingKey { case index, start = "start_s", end = "end_s", title, description }

        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            index = try container.decode(Int.self, forKey: .index)
            start = try container.decode(Double.self, forKey: .start)
            end = try container.decode(Double.self, forKey: .end)
            title = try container.decode(String.self, forKey: .title)
            description = try container.decode(String.self, forKey: .description)
            sync = try SyncPoint(from: decoder)
        }

        /// The members of `sync` stand beside the frame's own.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(index, forKey: .index)
            try container.encode(start, forKey: .start)
            try container.encode(end, forKey: .end)
            try container.encode(title, forKey: .title)
            try container.encode(description, forKey: .description)
            try sync.encode(to: encoder)
        }
    }

    /// The figures of the music, as measured; what was not measured surely enough to be said is absent.
    public struct Music: Hashable, Sendable, Codable {
        public var isAvailable: Bool
        public var isSilent: Bool
        /// Beats per minute.
        public var tempo: Double?
        public var tempoConfidence: Double
        /// Beats per minute of a second reading that is nearly as strong.
        public var tempoAlternative: Double?
        public var beatsPerBar: Int?
        public var key: String?
        public var keyConfidence: Double
        /// Harte labels in order, neighbours different, at most 64.
        public var chords: [String]
        /// LUFS.
        public var integratedLoudness: Double?
        /// Those of the catalogue that are cited.
        public var genres: [String]
        /// The unified music caption.
        public var caption: String
        public var lyricsStatus: LyricsUnderstanding.Status
        public var lyrics: String?

        public init(isAvailable: Bool, isSilent: Bool, tempo: Double?, tempoConfidence: Double, tempoAlternative: Double?, beatsPerBar: Int?,
                    key: String?, keyConfidence: Double, chords: [String], integratedLoudness: Double?, genres: [String], caption: String,
                    lyricsStatus: LyricsUnderstanding.Status, lyrics: String?) {
            self.isAvailable = isAvailable
            self.isSilent = isSilent
            self.tempo = tempo
            self.tempoConfidence = tempoConfidence
            self.tempoAlternative = tempoAlternative
            self.beatsPerBar = beatsPerBar
            self.key = key
            self.keyConfidence = keyConfidence
            self.chords = chords
            self.integratedLoudness = integratedLoudness
            self.genres = genres
            self.caption = caption
            self.lyricsStatus = lyricsStatus
            self.lyrics = lyrics
        }

        enum CodingKeys: String, CodingKey {
            case isAvailable = "available", isSilent = "silent", tempo = "tempo_bpm", tempoConfidence = "tempo_confidence"
            case tempoAlternative = "tempo_alternative_bpm", beatsPerBar = "beats_per_bar", key, keyConfidence = "key_confidence", chords
            case integratedLoudness = "integrated_lufs", genres, caption, lyricsStatus = "lyrics_status", lyrics
        }
    }

    /// Where the words are from.
    public struct Provenance: Hashable, Sendable, Codable {
        /// Who wrote the overview and the frames' texts.
        public var source: CaptionSource
        /// Version of the rules or of the prompt.
        public var version: Int
        /// The writers of the texts that this one was made from, by stage.
        public var inputs: [String: CaptionSource]
        /// What speaks for each of the kinds.
        public var mvTypeEvidence: [MVTypes.Judgement]
        /// What was missing, and why, one sentence each; empty where all was there.
        public var limitations: [String]

        public init(source: CaptionSource, version: Int, inputs: [String: CaptionSource], mvTypeEvidence: [MVTypes.Judgement], limitations: [String]) {
            self.source = source
            self.version = version
            self.inputs = inputs
            self.mvTypeEvidence = mvTypeEvidence
            self.limitations = limitations
        }

        enum CodingKeys: String, CodingKey { case source, version, inputs, mvTypeEvidence = "mv_type_evidence", limitations }
    }
}
