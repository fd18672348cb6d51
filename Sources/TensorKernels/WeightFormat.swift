/// How a weight matrix's numbers are kept in memory.
public enum WeightFormat: String, CaseIterable, Sendable {
    /// Single precision, 4 bytes a weight.
    case float32 = "f32"
    /// bfloat16, 2 bytes a weight.
    case bfloat16 = "bf16"
    /// Eight bits with a scale per block of a row, about 1.06 bytes a weight.
    case int8
    /// Four bits with a scale per block of a row, about 0.56 bytes a weight.
    case int4
}
