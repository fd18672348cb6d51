extension MusicFeatures {
    /// A piece of a long recording, as it was read by itself.
    public struct Passage: Sendable, Hashable, Codable {
        /// Seconds. Passages follow each other without gaps.
        public var start: Double
        public var end: Double
        public var tempoBpm: Double?
        public var tempoConfidence: Double
        public var beatsPerBar: Int?
        public var metreConfidence: Double
        public var key: String?
        public var keyConfidence: Double
    }
}

extension MusicFeatures.Passage {
    init(_ piece: MusicPiece) {
        let estimate = try? piece.key?.get()
        self.init(
            start: MusicAnalyzer.rounded(piece.start, places: 3), end: MusicAnalyzer.rounded(piece.end, places: 3),
            tempoBpm: piece.tempo.map { MusicAnalyzer.rounded($0, places: 3) }, tempoConfidence: MusicAnalyzer.rounded(piece.tempoConfidence, places: 3),
            beatsPerBar: piece.beatsPerBar, metreConfidence: MusicAnalyzer.rounded(piece.metreConfidence, places: 3),
            key: estimate?.key.description, keyConfidence: MusicAnalyzer.rounded(estimate?.confidence ?? 0, places: 3))
    }

    enum CodingKeys: String, CodingKey {
        case start, end, tempoBpm = "tempo_bpm", tempoConfidence = "tempo_confidence", beatsPerBar = "beats_per_bar", metreConfidence = "metre_confidence"
        case key, keyConfidence = "key_confidence"
    }

    /// Spelled out so that what is unknown is written as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(start, forKey: .start)
        try container.encode(end, forKey: .end)
        try container.encode(tempoBpm, forKey: .tempoBpm)
        try container.encode(tempoConfidence, forKey: .tempoConfidence)
        try container.encode(beatsPerBar, forKey: .beatsPerBar)
        try container.encode(metreConfidence, forKey: .metreConfidence)
        try container.encode(key, forKey: .key)
        try container.encode(keyConfidence, forKey: .keyConfidence)
    }
}
