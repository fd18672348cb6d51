/// Which of the paper's inputs go into a prompt (section 2.1.2, Table 1): ① music, ② genres, ③ MV type, ④ lyrics understanding.
public struct InputSwitches: OptionSet, Hashable, Sendable, Codable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let music = InputSwitches(rawValue: 1)
    public static let genres = InputSwitches(rawValue: 2)
    public static let mvType = InputSwitches(rawValue: 4)
    public static let lyrics = InputSwitches(rawValue: 8)
    public static let all: InputSwitches = [.music, .genres, .mvType, .lyrics]

    private static let numbered: [(Character, InputSwitches)] = [("1", .music), ("2", .genres), ("3", .mvType), ("4", .lyrics)]

    /// `1+2+3+4`, `2+3`, …, or `none` (the check that an answer without any input is no description of the clip). Each number once; nil for anything else.
    public init?(_ text: String) {
        self = []
        guard text != "none" else { return }
        for part in text.split(separator: "+", omittingEmptySubsequences: false) {
            guard part.count == 1, let one = Self.numbered.first(where: { part.first == $0.0 })?.1, !contains(one) else { return nil }
            insert(one)
        }
    }

    public var text: String { isEmpty ? "none" : Self.numbered.filter { contains($0.1) }.map { String($0.0) }.joined(separator: "+") }

    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let switches = InputSwitches(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "inputs '\(text)': write the numbers of 1 (music), 2 (genres), 3 (MV type) and 4 (lyrics) joined by +, or none"))
        }
        self = switches
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
