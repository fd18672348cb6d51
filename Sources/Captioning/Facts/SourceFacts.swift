/// What the catalogue says of a clip, as far as a text may cite it. Titles and names of artists and albums have no place in here:
/// a description must not give away whose music it is.
///
/// Genres and tags are untrusted text. Only those made of known words of musical vocabulary are ever cited.
public struct SourceFacts: Hashable, Sendable, Codable {
    public var genres: [String]
    public var tags: [String]
    /// 0…1, the catalogue's own figure; values outside are ignored, here and below.
    public var energy: Double?
    /// 0 is sad or dark, 1 is happy; the catalogue's own figure.
    public var valence: Double?
    /// 0…1.
    public var danceability: Double?
    /// Four digits.
    public var releaseYear: Int?
    /// ISO 639-1 code, such as `en`.
    public var language: String?

    public init(genres: [String] = [], tags: [String] = [], energy: Double? = nil, valence: Double? = nil, danceability: Double? = nil,
                releaseYear: Int? = nil, language: String? = nil) {
        self.genres = genres
        self.tags = tags
        self.energy = energy
        self.valence = valence
        self.danceability = danceability
        self.releaseYear = releaseYear
        self.language = language
    }

    enum CodingKeys: String, CodingKey {
        case genres, tags, energy, valence, danceability, releaseYear = "release_year", language
    }
}
