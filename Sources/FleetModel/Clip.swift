/// One item of a catalogue: where its media are, and what its source says of it.
public struct Clip: Hashable, Sendable, Codable {
    /// The catalogue's own name for it, unique within the catalogue; at most 200 bytes.
    public var id: String
    /// An absolute path of a local file.
    public var audio: MediaReference?
    /// An absolute path of a local file. The same file as `audio` where sound and picture come in one.
    public var video: MediaReference?
    public var title: String?
    public var artist: String?
    public var album: String?
    /// ISO 639 code, as the source wrote it.
    public var language: String?
    public var genres: [String]
    public var tags: [String]
    public var lyrics: String?
    /// Numbers of the source's metadata, such as `energy`, `valence`, `danceability`, each 0…1, or `release` (a year).
    public var metadata: [String: Double]
    /// Why a medium that the source names is not here (`audio` or `video` → reason).
    public var missing: [String: String]

    public init(id: String, audio: MediaReference? = nil, video: MediaReference? = nil, title: String? = nil, artist: String? = nil,
                album: String? = nil, language: String? = nil, genres: [String] = [], tags: [String] = [], lyrics: String? = nil,
                metadata: [String: Double] = [:], missing: [String: String] = [:]) {
        self.id = id
        self.audio = audio
        self.video = video
        self.title = title
        self.artist = artist
        self.album = album
        self.language = language
        self.genres = genres
        self.tags = tags
        self.lyrics = lyrics
        self.metadata = metadata
        self.missing = missing
    }

    /// Title, artist and album, those that there are.
    public var names: [String] { [title, artist, album].compactMap(\.self) }

    /// Clips of one artist stay on one side of a split: the artist's name folded to letters and digits, or the clip's own id where no artist is named.
    public var artistGroup: String {
        let folded = (artist ?? "").lowercased().unicodeScalars.filter { $0.properties.isAlphabetic || $0.properties.numericType != nil }
        let name = String(String.UnicodeScalarView(folded))
        return name.isEmpty ? "clip:" + id : "artist:" + name
    }
}

/// A media file and the digest of its bytes, taken at ingest.
public struct MediaReference: Hashable, Sendable, Codable {
    /// Absolute path.
    public var path: String
    public var sha256: Digest

    public init(path: String, sha256: Digest) {
        self.path = path
        self.sha256 = sha256
    }
}

/// The parts of a clip that a stage may read. A stage's fingerprint covers those that it declares, and no others.
public enum SourceField: String, Sendable, Codable, CaseIterable {
    case audio, video, lyrics, metadata, genres, tags
    /// Title, artist and album: what a text must not give away.
    case names

    /// The digest of this field of `clip`, in canonical form. An absent field counts as this clip's own absence, so that
    /// clips without lyrics do not all hang on one task.
    public func digest(of clip: Clip) -> Digest {
        switch self {
        case .audio: clip.audio?.sha256 ?? absent(clip)
        case .video: clip.video?.sha256 ?? absent(clip)
        case .lyrics: clip.lyrics.map { Digest.of("lyrics\n" + $0) } ?? absent(clip)
        case .metadata:
            Digest.of("metadata\n" + clip.metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "\n"))
        case .genres: Digest.of("genres\n" + clip.genres.joined(separator: "\n"))
        case .tags: Digest.of("tags\n" + clip.tags.joined(separator: "\n"))
        case .names: Digest.of("names\n" + clip.names.joined(separator: "\n"))
        }
    }

    private func absent(_ clip: Clip) -> Digest {
        Digest.of("absent\n\(rawValue)\n\(clip.id)\n\(clip.missing[rawValue] ?? "")")
    }
}
