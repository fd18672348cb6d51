import FleetModel
import Foundation

/// Every media file below a folder, at any depth. An audio and a video file of one name form one clip; a video file alone is sound and picture;
/// an audio file alone has no picture. Hidden files are passed over, links to folders are not followed.
struct FolderRows: CatalogueRows {
    let ignoredFiles: Int
    private var entries: ArraySlice<(id: String, files: [String])>

    init(root: String) throws(FleetError) {
        guard let walk = FileManager.default.enumerator(atPath: root) else {
            throw FleetError("catalogue.unreadable", "'\(root)' cannot be listed: check its permissions")
        }
        var groups: [String: [String]] = [:]
        var ignored = 0
        for case let path as String in walk {
            let name = path.split(separator: "/").last ?? ""
            if name.hasPrefix(".") {
                if walk.fileAttributes?[.type] as? FileAttributeType == .typeDirectory { walk.skipDescendants() }
                continue
            }
            guard MediaKind(name: name) != nil else {
                if FileStatus(path: root + "/" + path)?.isDirectory != true { ignored += 1 }
                continue
            }
            // A folder may be named like a file.
            if FileStatus(path: root + "/" + path)?.isDirectory == true { continue }
            groups[MediaKind.stem(of: path), default: []].append(path)
        }
        ignoredFiles = ignored
        entries = Self.named(groups)[...]
    }

    var position: (file: String, line: Int?) { ("", nil) }

    mutating func next(_ problems: inout CatalogueProblems) throws(FleetError) -> CatalogueEntry? {
        guard let (id, files) = entries.popFirst() else { return nil }
        let audio = files.first { MediaKind(name: $0) == .audio }, video = files.first { MediaKind(name: $0) == .video }
        return CatalogueEntry(clip: Clip(id: id), audio: (audio ?? video).map { NamedMedium($0) }, video: video.map { NamedMedium($0) })
    }

    /// Sorted by path; ids that would meet each have a part of their path's digest behind them, so that one more file renames no other.
    private static func named(_ groups: [String: [String]]) -> [(id: String, files: [String])] {
        var clips: [(stem: String, files: [String])] = []
        for (stem, files) in groups {
            let kinds = Set(files.compactMap { MediaKind(name: $0) })
            if files.count == kinds.count { clips.append((stem, files.sorted())) } else { clips += files.map { ($0, [$0]) } }
        }
        clips.sort { $0.stem.utf8.lexicographicallyPrecedes($1.stem.utf8) }
        var uses: [String: Int] = [:]
        for clip in clips { uses[ClipID.sanitised(clip.stem), default: 0] += 1 }
        return clips.map { clip in
            let id = ClipID.sanitised(clip.stem)
            return (uses[id] == 1 ? id : id + "-" + Digest.of(clip.stem).hex.prefix(10), clip.files)
        }
    }
}
