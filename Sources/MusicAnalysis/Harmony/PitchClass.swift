/// One of the twelve pitch classes, 0 = C, spelled with sharps.
public struct PitchClass: Hashable, Sendable {
    /// 0…11.
    public let number: Int

    /// Any whole number of semitones above C.
    public init(_ semitonesAboveC: Int) {
        number = ((semitonesAboveC % 12) + 12) % 12
    }

    public var name: String { Self.names[number] }

    private static let names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
}
