import Foundation

/// Where a name of a catalogue points to, kept inside the catalogue's root.
struct ContainedPath {
    enum Place: Equatable {
        /// Absolute, links resolved.
        case inside(String)
        case refused(reason: String)
    }

    private let root: String
    private let resolvedRoot: String

    init(root: String) {
        self.root = root
        resolvedRoot = Self.resolved(root)
    }

    func place(of name: String) -> Place {
        guard !name.isEmpty, name.utf8.count <= 4096, !name.utf8.contains(0) else { return .refused(reason: "the path is empty or too long") }
        if let scheme = name.firstRange(of: "://") {
            let isWeb = ["http", "https"].contains(name[..<scheme.lowerBound].lowercased())
            return .refused(reason: isWeb ? "remote media are not fetched yet" : "'\(name[..<scheme.lowerBound].prefix(20))://' is no path of a file")
        }
        let path = Self.resolved(name.hasPrefix("/") ? name : root + "/" + name)
        let prefix = resolvedRoot == "/" ? "/" : resolvedRoot + "/"
        return path.hasPrefix(prefix) ? .inside(path) : .refused(reason: "'\(name.prefix(200))' lies outside of the catalogue's folder")
    }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
}
