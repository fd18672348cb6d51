/// A machine's decoder beside the processor, as libavcodec reaches it.
public enum HardwareDecoder: String, CaseIterable, Codable, Hashable, Sendable {
    /// NVIDIA's NVDEC, through CUDA.
    case cuda
    /// Intel's and AMD's, through VA-API.
    case vaapi
}

/// Whether hardware decodes. A property of the machine and never of a recipe: pictures are the same either way.
public enum HardwareDecoding: String, CaseIterable, Codable, Hashable, Sendable {
    case off
    /// What the machine has: CUDA before VA-API.
    case auto
    case cuda
    case vaapi

    /// Those that are tried, in this order.
    public var decoders: [HardwareDecoder] {
        switch self {
        case .off: []
        case .auto: [.cuda, .vaapi]
        case .cuda: [.cuda]
        case .vaapi: [.vaapi]
        }
    }
}
