import FleetModel

/// A clip as the catalogue names it, before its files were looked at.
public struct CatalogueEntry: Hashable, Sendable {
    /// Without media; `missing` holds what is known to be absent without a look at the files.
    public var clip: Clip
    public var audio: NamedMedium?
    /// Equal to `audio` where sound and picture come in one file.
    public var video: NamedMedium?

    public init(clip: Clip, audio: NamedMedium? = nil, video: NamedMedium? = nil) {
        self.clip = clip
        self.audio = audio
        self.video = video
    }
}

/// A medium as the catalogue names it.
public struct NamedMedium: Hashable, Sendable {
    /// Relative to the catalogue's root, or absolute, or a URL: as the catalogue has it.
    public var name: String
    /// The digest that the catalogue declares; it is taken as it is, and checked when a worker reads the file.
    public var declaredDigest: Digest?

    public init(_ name: String, declaredDigest: Digest? = nil) {
        self.name = name
        self.declaredDigest = declaredDigest
    }
}
