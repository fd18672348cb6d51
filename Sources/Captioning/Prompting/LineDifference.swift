/// What differs between two texts, line by line: `-` only in the first, `+` only in the second, two spaces before what is around.
public struct LineDifference: Hashable, Sendable, CustomStringConvertible {
    /// Lines around a difference.
    private static let context = 3

    public let description: String
    public var isEmpty: Bool { description.isEmpty }

    public init(from old: String, to new: String) {
        let old = Self.lines(old), new = Self.lines(new)
        var removed: Set<Int> = [], inserted: Set<Int> = []
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var marked: [(mark: String, line: Substring)] = []
        var left = 0, right = 0
        while left < old.count || right < new.count {
            if removed.contains(left) {
                marked.append(("- ", old[left]))
                left += 1
            } else if inserted.contains(right) {
                marked.append(("+ ", new[right]))
                right += 1
            } else {
                marked.append(("  ", old[left]))
                left += 1
                right += 1
            }
        }
        description = Self.shortened(marked)
    }

    private static func lines(_ text: String) -> [Substring] { text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) }

    private static func shortened(_ lines: [(mark: String, line: Substring)]) -> String {
        var text = ""
        var isGap = false
        for place in lines.indices {
            let around = lines[max(0, place - context)...min(lines.count - 1, place + context)]
            guard around.contains(where: { $0.mark != "  " }) else {
                isGap = !text.isEmpty
                continue
            }
            if isGap { text += "…\n" }
            isGap = false
            text += lines[place].mark + lines[place].line + "\n"
        }
        return text
    }
}
