import FleetModel
import Foundation

/// A manifest of one JSON object a line.
struct JSONLinesRows: CatalogueRows {
    private let file: String
    private let place: ContainedPath
    private let decoder = JSONDecoder()
    private var lines: LineReader

    init(root: String, file: String) throws(FleetError) {
        self.file = file
        place = ContainedPath(root: root)
        lines = try LineReader(path: root + "/" + file)
    }

    var position: (file: String, line: Int?) { (file, lines.number) }

    mutating func next(_ problems: inout CatalogueProblems) throws(FleetError) -> CatalogueEntry? {
        while let line = try lines.next() {
            guard case .text(let bytes) = line else {
                note(&problems, nil, "the line is longer than \(LineReader.longestLine) bytes", "one clip is one object on one line")
                continue
            }
            if bytes.allSatisfy({ $0 == 32 || $0 == 9 }) { continue }
            // A decoder may repair what it reads; the file must be right by itself.
            guard String(validating: bytes, as: UTF8.self) != nil else {
                note(&problems, nil, "the line is not UTF-8", "write the manifest as UTF-8")
                continue
            }
            do {
                let row = try decoder.decode(JSONManifestRow.self, from: Data(bytes)).row
                if let entry = row.entry(in: place, file: file, line: lines.number, problems: &problems) { return entry }
            } catch let error as DecodingError {
                let (field, cause) = Self.explain(error)
                note(&problems, field, cause, field == nil ? "write one JSON object a line" : "correct the field's value")
            } catch {
                note(&problems, nil, "the line is no JSON: \(error)", "write one JSON object a line")
            }
        }
        return nil
    }

    private func note(_ problems: inout CatalogueProblems, _ field: String?, _ cause: String, _ remedy: String) {
        problems.note(CatalogueProblem(file: file, line: lines.number, field: field, cause: cause, remedy: remedy))
    }

    private static func explain(_ error: DecodingError) -> (field: String?, cause: String) {
        func name(_ path: [any CodingKey]) -> String? { path.isEmpty ? nil : path.map(\.stringValue).joined(separator: ".") }
        switch error {
        case .typeMismatch(let type, let context): return (name(context.codingPath), "the value is no \(type)")
        case .valueNotFound(_, let context), .keyNotFound(_, let context), .dataCorrupted(let context):
            return (name(context.codingPath), context.codingPath.isEmpty ? "the line is no JSON object" : context.debugDescription)
        @unknown default: return (nil, "the line is no JSON object")
        }
    }
}

/// Decodes the manifest's keys; lists may be written as one text, and ids as numbers.
private struct JSONManifestRow: Decodable {
    let row: ManifestRow

    enum Key: String, CodingKey {
        case id, audio, video, title, artist, album, language, genres, tags, lyrics, metadata
        case lyricsFile = "lyrics_file", audioDigest = "audio_sha256", videoDigest = "video_sha256"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func text(_ key: Key) throws -> String? { try container.decodeIfPresent(String.self, forKey: key).flatMap(ManifestRow.present) }
        func list(_ key: Key) throws -> [String] {
            guard container.contains(key), try !container.decodeNil(forKey: key) else { return [] }
            // The usual form first: a decoding error costs more than the decoding.
            if let texts = try? container.decode([String].self, forKey: key) { return texts.compactMap(ManifestRow.present) }
            return ManifestRow.list(try container.decode(String.self, forKey: key))
        }
        var row = ManifestRow()
        do { row.id = try text(.id) } catch { row.id = String(try container.decode(Int.self, forKey: .id)) }
        row.audio = try text(.audio)
        row.video = try text(.video)
        row.title = try text(.title)
        row.artist = try text(.artist)
        row.album = try text(.album)
        row.language = try text(.language)
        row.genres = try list(.genres)
        row.tags = try list(.tags)
        row.lyrics = try text(.lyrics)
        row.lyricsFile = try text(.lyricsFile)
        row.audioDigest = try text(.audioDigest)
        row.videoDigest = try text(.videoDigest)
        // Numbers only: other members of the metadata are no part of a clip.
        for (name, value) in try container.decodeIfPresent([String: LenientNumber].self, forKey: .metadata) ?? [:] {
            if let number = value.number { row.metadata[name] = number }
        }
        self.row = row
    }
}

/// A number, or nil for any other value.
private struct LenientNumber: Decodable {
    let number: Double?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Double.self) { number = value.isFinite ? value : nil } else { number = (try? container.decode(String.self)).flatMap(ManifestRow.number) }
    }
}
