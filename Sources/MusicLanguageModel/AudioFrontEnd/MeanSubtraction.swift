/// How a clip's mean is taken from it before its spectrum.
public enum MeanSubtraction: String, CaseIterable, Sendable, Codable {
    /// From the recording itself, as ImageBind's loader does, which works on views: where clips overlap (audio of less than all clips together), later ones hear what was
    /// taken from earlier ones. What published models were trained with.
    case inPlace = "in-place"
    /// From each clip alone.
    case eachClip = "each-clip"
}
