import Foundation

/// `manifest.json`: what a dataset's directory holds and what it was made with. No times, hosts or workers.
public struct DatasetManifest: Hashable, Sendable, Codable {
    public static let format = "mvfleet-dataset"

    /// One side's figures, counted from the samples written.
    public struct Side: Hashable, Sendable, Codable {
        public var name: SplitSide
        public var samples: Int
        public var artistGroups: Int

        enum CodingKeys: String, CodingKey {
            case name, samples
            case artistGroups = "artist_groups"
        }
    }

    /// One file of the dataset.
    public struct File: Hashable, Sendable, Codable {
        /// Relative to the dataset's directory.
        public var path: String
        public var bytes: Int
        /// Hexadecimal.
        public var sha256: String
        /// 0 for a card.
        public var samples: Int
    }

    public var format: String
    public var formatVersion: Int
    public var title: String
    public var splits: [Side]
    /// Artist groups with samples on both sides; counted, and 0.
    public var overlappingArtistGroups: Int
    public var splitProof: SplitProof
    public var endings: [DatasetEnding]
    public var recipes: [DatasetRecipe]
    /// What every WebDataset sample consists of.
    public var members: [String]
    /// By path.
    public var files: [File]

    enum CodingKeys: String, CodingKey {
        case format, title, splits, endings, recipes, members, files
        case formatVersion = "format_version"
        case overlappingArtistGroups = "overlapping_artist_groups"
        case splitProof = "split_proof"
    }

    /// Samples of both sides.
    public var samples: Int { splits.reduce(0) { $0 + $1.samples } }

    /// - Throws: `dataset.manifest_invalid` if there is none or it is not of this format; `dataset.io`.
    public static func read(directory: String) throws -> DatasetManifest {
        let path = directory + "/" + DatasetPath.manifest
        guard let bytes = try BoundedFile.read(path, limit: maximumBytes) else {
            throw DatasetError(.manifestInvalid, "There is no '\(path)'; name the directory of a finished dataset.")
        }
        return try decode(bytes, path: path)
    }

    /// A million shards' worth.
    static let maximumBytes = 256 << 20

    static func decode(_ bytes: Data, path: String) throws -> DatasetManifest {
        let manifest: DatasetManifest
        do { manifest = try JSONDecoder().decode(DatasetManifest.self, from: bytes) } catch {
            throw DatasetError(.manifestInvalid, "'\(path)' is not the manifest of a dataset of this format.", cause: String(describing: error))
        }
        guard manifest.format == format, manifest.formatVersion == DatasetRecord.formatVersion else {
            throw DatasetError(.manifestInvalid, "'\(path)' is of format '\(manifest.format)' \(manifest.formatVersion); this program reads '\(format)' \(DatasetRecord.formatVersion).")
        }
        if let stranger = manifest.files.first(where: { !DatasetPath.isOurs($0.path) }) {
            throw DatasetError(.manifestInvalid, "'\(path)' names '\(stranger.path)', which is no file of a dataset.")
        }
        return manifest
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(self)) + [10] } catch {
            throw DatasetError(.recordInvalid, "The manifest could not be written as JSON.", cause: String(describing: error))
        }
    }
}
