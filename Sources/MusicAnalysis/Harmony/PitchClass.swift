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

/// A major or minor key.
public struct MusicalKey: Hashable, Sendable, CustomStringConvertible {
    public let tonic: PitchClass
    public let isMinor: Bool

    /// Such as `D# minor`.
    public var description: String { tonic.name + (isMinor ? " minor" : " major") }

    /// 0…11 the major keys from C, 12…23 the minor keys.
    init(index: Int) {
        tonic = PitchClass(index)
        isMinor = index >= 12
    }
}
