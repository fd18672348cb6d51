import FleetModel
import Foundation

/// A directory as Music4All publishes it: tables that are named .csv and separated by tabs (or commas, in re-exports), `audios/<id>.mp3`,
/// `lyrics/<id>.txt`, and `videos/<id>.*`, for which no layout is published. Clips come in the order of `id_information.csv`.
struct Music4AllRows: CatalogueRows {
    private static let information = "id_information.csv"

    private let root: String
    private let place: ContainedPath
    private var records: DelimitedReader
    private let audios: MediaListing
    private let videos: MediaListing
    private let metadata: SideTable
    private let genres: SideTable
    private let tags: SideTable
    private let languages: SideTable

    private let missingTables: [CatalogueProblem]
    private var isFirst = true

    init(root: String) throws(FleetError) {
        self.root = root
        place = ContainedPath(root: root)
        records = try DelimitedReader(path: root + "/" + Self.information, name: Self.information)
        guard records.header.contains("id") else {
            throw FleetError("catalogue.no_header", "'\(Self.information)' has no column 'id': its first line must name the columns")
        }
        audios = MediaListing(root: root, folder: "audios")
        videos = MediaListing(root: root, folder: "videos")
        var problems: [CatalogueProblem] = []
        metadata = try SideTable(root: root, file: "id_metadata.csv", problems: &problems)
        genres = try SideTable(root: root, file: "id_genres.csv", problems: &problems)
        tags = try SideTable(root: root, file: "id_tags.csv", problems: &problems)
        languages = try SideTable(root: root, file: "id_lang.csv", problems: &problems)
        missingTables = problems
    }

    var position: (file: String, line: Int?) { (Self.information, records.line) }

    mutating func next(_ problems: inout CatalogueProblems) throws(FleetError) -> CatalogueEntry? {
        if isFirst { missingTables.forEach { problems.note($0) } }
        isFirst = false
        while let record = try records.next() {
            guard case .fields(let fields) = record else {
                if case .unusable(let cause) = record {
                    problems.note(CatalogueProblem(file: Self.information, line: records.line, cause: cause, remedy: "correct the row"))
                }
                continue
            }
            var columns: [String: String] = [:]
            for (name, field) in zip(records.header, fields) { columns[name] = ManifestRow.present(field) }
            let id = columns["id"] ?? ""
            if let fault = ClipID.fault(id) {
                problems.note(CatalogueProblem(file: Self.information, line: records.line, field: "id", cause: fault, remedy: "give the clip its id"))
                continue
            }
            return entry(id, columns, &problems)
        }
        return nil
    }

    private func entry(_ id: String, _ columns: [String: String], _ problems: inout CatalogueProblems) -> CatalogueEntry {
        var clip = Clip(id: id, title: columns["song"] ?? columns["title"], artist: columns["artist"], album: columns["album_name"] ?? columns["album"],
                        language: languages.values(of: id).first.flatMap(ManifestRow.present),
                        genres: genres.values(of: id).first.map(ManifestRow.list) ?? [], tags: tags.values(of: id).first.map(ManifestRow.list) ?? [])
        for (name, value) in zip(metadata.columns, metadata.values(of: id)) {
            if let number = ManifestRow.number(value) { clip.metadata[name] = number }
        }
        lyrics(of: &clip, &problems)
        let audio = audios.path(of: id), video = videos.path(of: id)
        if audio == nil { clip.missing["audio"] = audios.reason(of: id) }
        if video == nil { clip.missing["video"] = videos.reason(of: id) }
        return CatalogueEntry(clip: clip, audio: audio.map { NamedMedium($0) }, video: video.map { NamedMedium($0) })
    }

    /// No file, no lyrics: that is normal, since instrumental songs have none.
    private func lyrics(of clip: inout Clip, _ problems: inout CatalogueProblems) {
        let name = "lyrics/\(clip.id).txt"
        guard !clip.id.contains("/"), case .inside(let path) = place.place(of: name) else { return }
        switch TextFile.read(path) {
        case .text(let text): clip.lyrics = ManifestRow.present(text)
        case .missing: break
        case .unusable(let cause):
            clip.missing["lyrics"] = cause
            problems.note(CatalogueProblem(file: name, cause: cause, remedy: "write the lyrics as UTF-8 text"))
        }
    }
}

/// The media of one folder by the stem of their names.
private struct MediaListing {
    private let folder: String
    private let names: [String: String]
    private let exists: Bool

    init(root: String, folder: String) {
        self.folder = folder
        let contents = try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)
        exists = contents != nil
        var names: [String: String] = [:]
        // Sorted: of two files of one stem the first is taken, on every machine the same.
        for name in (contents ?? []).sorted() where MediaKind(name: name) != nil && names[MediaKind.stem(of: name)] == nil {
            names[MediaKind.stem(of: name)] = name
        }
        self.names = names
    }

    func path(of id: String) -> String? { names[id].map { folder + "/" + $0 } }

    func reason(of id: String) -> String { exists ? "\(folder)/\(id).* is not there" : "the folder \(folder)/ is not there" }
}

/// A table that is looked up by id. Rows are kept as text and taken apart when asked for.
private struct SideTable {
    /// Without the id's.
    let columns: [String]
    private var rows: [String: String] = [:]
    private static let separator: Character = "\u{1f}"

    init(root: String, file: String, problems: inout [CatalogueProblem]) throws(FleetError) {
        guard FileStatus(path: root + "/" + file) != nil else {
            columns = []
            problems.append(CatalogueProblem(file: file, cause: "the table is not there", remedy: "add it, or go without what it says"))
            return
        }
        var records = try DelimitedReader(path: root + "/" + file, name: file)
        columns = Array(records.header.dropFirst())
        while let record = try records.next() {
            switch record {
            case .unusable(let cause):
                if problems.count < 100 { problems.append(CatalogueProblem(file: file, line: records.line, cause: cause, remedy: "correct the row")) }
            case .fields(let fields):
                guard let id = fields.first.map({ ManifestRow.trimmed($0) }), !id.isEmpty, rows[id] == nil else { continue }
                rows[id] = fields.dropFirst().joined(separator: String(Self.separator))
            }
        }
    }

    func values(of id: String) -> [String] {
        rows[id].map { $0.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init) } ?? []
    }
}
