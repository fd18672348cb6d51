/// The name of an opt-in member of every WebDataset sample beside `json` and `txt`, such as `jpg`, `frame01.jpg` or `sheet.png`: lower-case letters
/// and digits, with at most one dot, at most 19 bytes. What follows the last dot is `jpg`, `jpeg`, `png` or `webp` (loaded as an image) or `bin`
/// (loaded as bytes); libraries would decode others in their own ways, or ask for more packages.
public struct AttachmentName: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String

    /// - Throws: `dataset.members_differ` for any other name, or kind.
    public init(_ text: String) throws {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let isPlain = parts.count <= 2 && parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) }
        }
        guard isPlain, text.utf8.count <= 19, let kind = parts.last, kind == "bin" || AttachmentName.imageKinds.contains(String(kind)) else {
            throw DatasetError(.membersDiffer, "'\(text)' cannot name a member of a sample; use letters a-z, digits and one dot, ending in jpg, jpeg, png, webp or bin, as in 'frame01.jpg'.")
        }
        self.text = text
    }

    public var description: String { text }

    /// By bytes.
    public static func < (left: AttachmentName, right: AttachmentName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    var isImage: Bool { !text.hasSuffix("bin") }

    private static let imageKinds: Set<String> = ["jpg", "jpeg", "png", "webp"]
}
