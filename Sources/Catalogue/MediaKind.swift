/// What a file's name says of its content.
enum MediaKind {
    case audio, video

    private static let audioExtensions: Set<String> = ["mp3", "wav", "flac", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "wma", "au", "mka"]
    private static let videoExtensions: Set<String> = [
        "mp4", "m4v", "mov", "mkv", "webm", "avi", "ogv", "ts", "mts", "m2ts", "mpg", "mpeg", "wmv", "flv", "3gp", "gif",
    ]

    init?(name: some StringProtocol) {
        let ending = Self.fileExtension(of: name)
        if Self.audioExtensions.contains(ending) { self = .audio } else if Self.videoExtensions.contains(ending) { self = .video } else { return nil }
    }

    /// Lower case, without the dot; empty where there is none.
    static func fileExtension(of name: some StringProtocol) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex, !name[dot...].contains("/") else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// The name without its extension.
    static func stem(of name: some StringProtocol) -> String {
        let ending = fileExtension(of: name)
        return ending.isEmpty ? String(name) : String(name.dropLast(ending.count + 1))
    }
}

/// Names of clips made from names of files.
enum ClipID {
    /// Bytes; what `Clip.id` may have.
    static let longest = 200

    /// Letters, digits, `.`, `_` and `-` of ASCII; a slash becomes `-`, everything else `_`; at most 150 bytes.
    static func sanitised(_ path: String) -> String {
        var id = String(decoding: path.utf8.prefix(600).map { byte -> UInt8 in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95: byte
            case 47: 45
            default: 95
            }
        }, as: UTF8.self)
        id = String(id.prefix(150))
        return id.isEmpty ? "_" : id
    }

    /// - Returns: what is wrong with it, nil where nothing is.
    static func fault(_ id: String) -> String? {
        if id.isEmpty { return "the id is empty" }
        if id.utf8.count > longest { return "the id is longer than \(longest) bytes" }
        return id.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "the id holds control characters" : nil
    }
}
