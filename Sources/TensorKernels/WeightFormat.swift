import CTensorKernels

/// How a weight matrix's numbers are kept in memory.
///
/// The errors are root mean squares over that of the weights, for normally distributed weights. With `int8` and `int4`, activations are rounded to eight bits as
/// well, each block of them by its own largest magnitude; with `bfloat16`, to bfloat16 where the processor multiplies those.
public enum WeightFormat: String, CaseIterable, Sendable {
    /// Single precision, 4 bytes a weight.
    case float32 = "f32"
    /// bfloat16, 2 bytes a weight; error 0.17%.
    case bfloat16 = "bf16"
    /// Eight bits with a bfloat16 scale per 64 weights of a row, 1.03 bytes a weight; error 0.6%.
    case int8
    /// Four bits, the codes of a table of 16 unevenly spaced values, with a bfloat16 scale per 32 weights of a row, 0.5625 bytes a weight; error 7.4%.
    case int4

    var cFormat: tensor_format {
        switch self {
        case .float32: tensor_float32
        case .bfloat16: tensor_bfloat16
        case .int8: tensor_int8
        case .int4: tensor_int4
        }
    }

    /// Bytes of memory that a packed matrix takes: whole panels of 32 outputs, whole blocks of inputs.
    public func byteCount(outputs: Int, inputs: Int) -> Int { tensor_packed_bytes(cFormat, outputs, inputs) }
}
