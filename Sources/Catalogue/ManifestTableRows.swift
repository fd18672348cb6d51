import FleetModel

/// A manifest with a header and one clip a row. Columns that are not known and hold numbers are metadata; `metadata.` before a name is dropped.
struct ManifestTableRows: CatalogueRows {
    private let file: String
    private let place: ContainedPath
    private var records: DelimitedReader


    init(root: String, file: String) throws(FleetError) {
        self.file = file
        place = ContainedPath(root: root)
        records = try DelimitedReader(path: root + "/" + file, name: file)
        guard records.header.contains(where: { ["id", "audio", "video"].contains($0) }) else {
            throw FleetError("catalogue.no_header", "'\(file)' has none of the columns id, audio, video: its first line must name the columns")
        }
    }

    var position: (file: String, line: Int?) { (file, records.line) }

    mutating func next(_ problems: inout CatalogueProblems) throws(FleetError) -> CatalogueEntry? {
        while let record = try records.next() {
            switch record {
            case .unusable(let cause):
                problems.note(CatalogueProblem(file: file, line: records.line, cause: cause, remedy: "quote fields as RFC 4180 says, in UTF-8"))
            case .fields(let fields) where fields.count > records.header.count:
                problems.note(CatalogueProblem(file: file, line: records.line, cause: "the row has \(fields.count) fields, and the header \(records.header.count)",
                                               remedy: "quote fields that hold the separator"))
            case .fields(let fields):
                if let entry = row(fields).entry(in: place, file: file, line: records.line, problems: &problems) { return entry }
            }
        }
        return nil
    }

    private func row(_ fields: [String]) -> ManifestRow {
        var row = ManifestRow()
        for (column, field) in zip(records.header, fields) {
            guard let text = ManifestRow.present(field) else { continue }
            switch column {
            case "id": row.id = text
            case "audio": row.audio = text
            case "video": row.video = text
            case "title": row.title = text
            case "artist": row.artist = text
            case "album": row.album = text
            case "language": row.language = text
            case "genres": row.genres = ManifestRow.list(text)
            case "tags": row.tags = ManifestRow.list(text)
            case "lyrics": row.lyrics = text
            case "lyrics_file": row.lyricsFile = text
            case "audio_sha256": row.audioDigest = text
            case "video_sha256": row.videoDigest = text
            default:
                let name = column.hasPrefix("metadata.") ? String(column.dropFirst(9)) : column
                if !name.isEmpty, let number = ManifestRow.number(text) { row.metadata[name] = number }
            }
        }
        return row
    }
}
