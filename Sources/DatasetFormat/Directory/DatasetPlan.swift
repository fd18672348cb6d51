/// What is known of a dataset before its samples are: who it comes from, how it is divided, and which clips are not in it.
public struct DatasetPlan: Hashable, Sendable {
    /// A line for the card.
    public var title: String
    public var split: SplitProof
    public var recipes: [DatasetRecipe]
    public var endings: [DatasetEnding]
    /// A paragraph for the card.
    public var licenceNote: String
    /// Opt-in members of every WebDataset sample beside `json` and `txt`.
    public var attachments: [AttachmentName]
    /// Columns beside those of every dataset.
    public var extras: DatasetExtras
    public var limits: ShardLimits

    public init(title: String, split: SplitProof, recipes: [DatasetRecipe], endings: [DatasetEnding] = [],
                licenceNote: String = DatasetPlan.neutralLicenceNote, attachments: [AttachmentName] = [], extras: DatasetExtras = [],
                limits: ShardLimits = ShardLimits()) {
        self.title = title
        self.split = split
        self.recipes = recipes
        self.endings = endings
        self.licenceNote = licenceNote
        self.attachments = attachments
        self.extras = extras
        self.limits = limits
    }

    public static let neutralLicenceNote = """
        The descriptions were derived from media and metadata whose rights stay with their owners. Neither media nor lyrics are part of the \
        dataset. Whoever passes it on checks the terms of the source catalogue, and of the models that the recipes name, first.
        """
}

/// The settings of one stage, as they went into the dataset.
public struct DatasetRecipe: Hashable, Sendable, Codable {
    public var stage: String
    /// The stage's own version.
    public var version: Int
    /// Names the settings; the samples' `provenance.results` refer to it.
    public var digest: String
    /// Canonical JSON.
    public var settings: String

    public init(stage: String, version: Int, digest: String, settings: String) {
        self.stage = stage
        self.version = version
        self.digest = digest
        self.settings = settings
    }
}

/// Clips that are not in the dataset, by reason.
public struct DatasetEnding: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        /// A normal ending, such as a static image for a video.
        case filtered
        /// Work on the clip failed for good.
        case failed
        /// Work on the clip had not ended when the dataset was written.
        case unfinished
    }

    public var kind: Kind
    /// Dotted code, such as `video.static`.
    public var reason: String
    public var clips: Int

    public init(kind: Kind, reason: String, clips: Int) {
        self.kind = kind
        self.reason = reason
        self.clips = clips
    }
}
