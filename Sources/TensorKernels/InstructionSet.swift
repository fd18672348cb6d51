import CTensorKernels

/// A set of processor instructions that the products are written for; the fastest that the processor has is taken by itself.
public enum InstructionSet: String, CaseIterable, Sendable {
    /// What the compiler makes of plain C.
    case portable
    /// AVX2 with FMA.
    case avx2
    /// AVX-512 (F, BW, DQ, VL).
    case avx512
    /// AVX-512 with dot products of bytes.
    case avx512VNNI = "avx512-vnni"
    /// AVX-512 with dot products of bytes and of bfloat16.
    case avx512BF16 = "avx512-bf16"
    /// 64-bit ARM.
    case neon
    /// 64-bit ARM with dot products of bytes.
    case neonDotProduct = "neon-dotprod"

    /// Whether this processor has it.
    public var isAvailable: Bool { tensor_has_level(level) != 0 }

    /// The fastest that this processor has.
    public static let best = allCases.first { $0.level == tensor_best_level() } ?? .portable

    var level: tensor_level {
        switch self {
        case .portable: tensor_portable
        case .avx2: tensor_avx2
        case .avx512: tensor_avx512
        case .avx512VNNI: tensor_avx512_vnni
        case .avx512BF16: tensor_avx512_bfloat
        case .neon: tensor_neon
        case .neonDotProduct: tensor_neon_dot
        }
    }
}
