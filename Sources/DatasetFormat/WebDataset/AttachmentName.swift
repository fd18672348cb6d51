/// The name of an opt-in member of every WebDataset sample beside `json` and `txt`, such as `jpg` or `frame01.jpg`: lower-case letters and digits,
/// with at most one dot, at most 19 bytes. Libraries decode by what follows the last dot.
public struct AttachmentName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String

    /// - Throws: `dataset.members_differ` for any other name, and for `json` and `txt`.
    public init(_ text: String) throws {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = parts.count <= 2 && parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
        }
        guard isPlain, text.utf8.count <= 19, parts.last != "json", parts.last != "txt" else {
            throw DatasetError(.membersDiffer, "'\(text)' cannot name a member of a sample; use letters a-z, digits and one dot, as in 'frame01.jpg'.")
        }
        self.text = text
    }

    public var description: String { text }

    /// By bytes.
    public static func < (left: AttachmentName, right: AttachmentName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    /// Whether common libraries decode it as an image.
    var isImage: Bool { ["jpg", "jpeg", "png", "webp"].contains(text.split(separator: ".").last.map(String.init) ?? "") }
}
