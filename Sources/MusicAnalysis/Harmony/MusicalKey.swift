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
