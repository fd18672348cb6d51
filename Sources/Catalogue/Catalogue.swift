import FleetModel
import Foundation

/// A collection of clips on disk: a Music4All directory, a JSONL or CSV manifest, or a plain folder of media.
public struct Catalogue: Hashable, Sendable {
    public enum Layout: Hashable, Sendable {
        /// `id_information.csv` and its sisters, `audios/`, `videos/`, `lyrics/`.
        case music4All
        /// One JSON object a line.
        case jsonLines(file: String)
        /// A header and one clip a row, separated by commas or tabs.
        case table(file: String)
        /// Media files, at any depth.
        case folder
    }

    /// Absolute. The folder that paths are relative to and that no file may lie outside of.
    public let root: String
    public let layout: Layout

    public init(root: String, layout: Layout) {
        self.root = root
        self.layout = layout
    }

    private static let jsonExtensions: Set<String> = ["jsonl", "ndjson", "json"]
    private static let tableExtensions: Set<String> = ["csv", "tsv", "tab"]
    private static let manifestNames = ["manifest.jsonl", "manifest.ndjson", "manifest.csv", "manifest.tsv"]

    /// Looks at what lies at `path` and says which layout it has.
    ///
    /// - Throws: `catalogue.missing` or `catalogue.unknown_layout`.
    public static func open(_ path: String) throws(FleetError) -> Catalogue {
        let url = URL(fileURLWithPath: path).standardizedFileURL
        guard let status = FileStatus(path: url.path) else {
            if errno == EACCES { throw FleetError("catalogue.unreadable", "'\(path)' cannot be reached: a directory on the way to it may not be entered by this user") }
            throw FleetError("catalogue.missing", "there is no catalogue at '\(path)': name a directory or a manifest file")
        }
        if status.isDirectory {
            func has(_ name: String) -> Bool { FileStatus(path: url.path + "/" + name)?.isRegular == true }
            if has("id_information.csv") { return Catalogue(root: url.path, layout: .music4All) }
            if let manifest = manifestNames.first(where: has) { return Catalogue(root: url.path, layout: manifestLayout(manifest) ?? .folder) }
            return Catalogue(root: url.path, layout: .folder)
        }
        let folder = url.deletingLastPathComponent().path
        guard status.isRegular, let layout = manifestLayout(url.lastPathComponent) else {
            throw FleetError("catalogue.unknown_layout", "'\(path)' is no catalogue: name a directory, or a manifest that ends in .jsonl, .csv or .tsv")
        }
        return Catalogue(root: folder, layout: layout)
    }

    private static func manifestLayout(_ name: String) -> Layout? {
        let ending = MediaKind.fileExtension(of: name)
        if jsonExtensions.contains(ending) { return .jsonLines(file: name) }
        return tableExtensions.contains(ending) ? .table(file: name) : nil
    }

    /// Reads the clips in batches, in an order that depends on nothing but the catalogue.
    ///
    /// - Parameter batch: how many clips a batch holds at most.
    public func reader(batch: Int = 1000) throws(FleetError) -> CatalogueReader {
        precondition(batch > 0, "a batch holds a clip at least")
        return CatalogueReader(rows: try rows(), batch: batch)
    }

    private func rows() throws(FleetError) -> any CatalogueRows {
        switch layout {
        case .music4All: try Music4AllRows(root: root)
        case .jsonLines(let file): try JSONLinesRows(root: root, file: file)
        case .table(let file): try ManifestTableRows(root: root, file: file)
        case .folder: try FolderRows(root: root)
        }
    }
}

/// The rows of one layout, one after another.
protocol CatalogueRows {
    /// The next clip, or nil at the end. Rows that cannot be used are noted and passed over.
    mutating func next(_ problems: inout CatalogueProblems) throws(FleetError) -> CatalogueEntry?
    /// Where the row that was read last stands.
    var position: (file: String, line: Int?) { get }
    /// Files that belong to no clip.
    var ignoredFiles: Int { get }
}

extension CatalogueRows {
    var ignoredFiles: Int { 0 }
}

/// Reads a catalogue in batches; what could not be used is in ``problems``.
public struct CatalogueReader {
    private var rows: any CatalogueRows
    private let batch: Int
    /// The ids so far, as 64-bit halves of their digests: a catalogue of a million clips needs tens of megabytes.
    private var seen: Set<UInt64> = []
    public private(set) var problems = CatalogueProblems()
    /// Clips handed out so far.
    public private(set) var count = 0

    init(rows: any CatalogueRows, batch: Int) {
        self.rows = rows
        self.batch = batch
    }

    /// Files in the folder that are no media.
    public var ignoredFiles: Int { rows.ignoredFiles }

    /// The next clips, or nil at the end.
    public mutating func next() throws(FleetError) -> [CatalogueEntry]? {
        var entries: [CatalogueEntry] = []
        while entries.count < batch, let entry = try rows.next(&problems) {
            if seen.insert(Self.key(entry.clip.id)).inserted {
                entries.append(entry)
            } else {
                problems.note(CatalogueProblem(file: rows.position.file, line: rows.position.line, field: "id", cause: "the id '\(entry.clip.id.prefix(80))' was there before",
                                               remedy: "give each clip its own id; the first one was taken"))
            }
        }
        count += entries.count
        return entries.isEmpty ? nil : entries
    }

    private static func key(_ id: String) -> UInt64 {
        Digest.of(id).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
