import FleetModel

/// One clip of a manifest, whichever its syntax.
struct ManifestRow {
    var id: String?
    var audio: String?
    var video: String?
    var title: String?
    var artist: String?
    var album: String?
    var language: String?
    var genres: [String] = []
    var tags: [String] = []
    var lyrics: String?
    var lyricsFile: String?
    var metadata: [String: Double] = [:]
    var audioDigest: String?
    var videoDigest: String?

    /// The clip, or the problem that keeps it out.
    func entry(in place: ContainedPath, file: String, line: Int, problems: inout CatalogueProblems) -> CatalogueEntry? {
        func note(_ field: String, _ cause: String, _ remedy: String) {
            problems.note(CatalogueProblem(file: file, line: line, field: field, cause: cause, remedy: remedy))
        }
        let id = self.id ?? (video ?? audio).map { ClipID.sanitised(MediaKind.stem(of: $0)) } ?? ""
        if let fault = ClipID.fault(id) {
            note("id", fault, "give the clip an id of 1 to \(ClipID.longest) bytes")
            return nil
        }
        var digests: [String: Digest] = [:]
        for (field, text) in [("audio_sha256", audioDigest), ("video_sha256", videoDigest)] {
            guard let text else { continue }
            guard let digest = Digest(hex: text) else {
                note(field, "'\(text.prefix(80))' is no SHA-256 digest", "write 64 hexadecimal digits, or leave the field out")
                return nil
            }
            digests[field] = digest
        }
        var clip = Clip(id: id, title: title, artist: artist, album: album, language: language, genres: genres, tags: tags, lyrics: lyrics, metadata: metadata)
        if clip.lyrics == nil, let lyricsFile {
            switch place.place(of: lyricsFile) {
            case .refused(let reason): clip.missing["lyrics"] = reason
            case .inside(let path):
                switch TextFile.read(path) {
                case .text(let text): clip.lyrics = text
                case .missing: clip.missing["lyrics"] = "\(lyricsFile.prefix(200)) is not there"
                case .unusable(let cause):
                    clip.missing["lyrics"] = cause
                    note("lyrics_file", cause, "write the lyrics as UTF-8 text")
                }
            }
        }
        let picture = video.map { NamedMedium($0, declaredDigest: digests["video_sha256"]) }
        // A video file alone is sound and picture in one.
        let sound = audio.map { NamedMedium($0, declaredDigest: digests["audio_sha256"]) } ?? picture
        return CatalogueEntry(clip: clip, audio: sound, video: picture)
    }

    /// Values in one field: separated by semicolons or bars where there are any, else by commas.
    static func list(_ text: String) -> [String] {
        let separator: Character = text.contains(";") ? ";" : text.contains("|") ? "|" : ","
        return text.split(separator: separator).map(trimmed).filter { !$0.isEmpty }
    }

    static func trimmed(_ text: some StringProtocol) -> String {
        var part = Substring(text)
        while part.first?.isWhitespace == true { part.removeFirst() }
        while part.last?.isWhitespace == true { part.removeLast() }
        return String(part)
    }

    /// Empty text is no text.
    static func present(_ text: String) -> String? {
        let text = trimmed(text)
        return text.isEmpty ? nil : text
    }

    /// A number as tables write it (`6`, `6.0`, `0.31`); nil for anything else, also for infinities.
    static func number(_ text: String) -> Double? {
        Double(trimmed(text)).flatMap { $0.isFinite ? $0 : nil }
    }
}
