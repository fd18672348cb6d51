/// What a stored tensor's numbers are, named as safetensors does.
///
/// Every type of the format has a name and a size, so that a file that has them can be listed; single-precision numbers are read from
/// the floating-point types of 16 bits and more.
public enum ElementType: String, CaseIterable, Sendable {
    case float64 = "F64", float32 = "F32", float16 = "F16", bfloat16 = "BF16"
    case int64 = "I64", int32 = "I32", int16 = "I16", int8 = "I8"
    case uint64 = "U64", uint32 = "U32", uint16 = "U16", uint8 = "U8", bool = "BOOL"
    case float8Exponent4 = "F8_E4M3", float8Exponent5 = "F8_E5M2", float8Scale = "F8_E8M0"
    case float6Exponent2 = "F6_E2M3", float6Exponent3 = "F6_E3M2", float4 = "F4"
    case complex64 = "C64"

    /// Bits a number.
    public var bits: Int {
        switch self {
        case .float64, .int64, .uint64, .complex64: 64
        case .float32, .int32, .uint32: 32
        case .float16, .bfloat16, .int16, .uint16: 16
        case .int8, .uint8, .bool, .float8Exponent4, .float8Exponent5, .float8Scale: 8
        case .float6Exponent2, .float6Exponent3: 6
        case .float4: 4
        }
    }

    /// Whether `StoredTensor.floats()` reads it.
    public var isReadAsFloat: Bool {
        switch self {
        case .float64, .float32, .float16, .bfloat16: true
        default: false
        }
    }
}
