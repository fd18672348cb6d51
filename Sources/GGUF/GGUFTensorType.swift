/// How GGUF files hold a tensor's numbers.
public enum GGUFTensorType: String, CaseIterable, Sendable {
    /// Single precision.
    case f32
    /// Half precision; weights beyond ±65,504 do not fit.
    case f16
    case bf16
    /// Blocks of 32 with a scale in half precision and eight bits a number: 8.5 bits each.
    case q8_0
    /// Blocks of 32 with a scale in half precision and four bits a number: 4.5 bits each.
    case q4_0

    /// `enum ggml_type`.
    var number: UInt32 {
        switch self {
        case .f32: 0
        case .f16: 1
        case .q4_0: 2
        case .q8_0: 8
        case .bf16: 30
        }
    }

    /// `enum llama_ftype`, for files of which most tensors are of this type.
    var fileType: UInt32 {
        switch self {
        case .f32: 0
        case .f16: 1
        case .q4_0: 2
        case .q8_0: 7
        case .bf16: 32
        }
    }

    /// Numbers that are held together, a row's a multiple of them.
    var blockLength: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q8_0, .q4_0: 32
        }
    }

    var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q8_0: 34
        case .q4_0: 18
        }
    }

    /// This type where rows of `columns` numbers are whole blocks, half precision otherwise, as llama.cpp's own quantisation does.
    func fitting(columns: Int) -> GGUFTensorType { columns % blockLength == 0 ? self : .f16 }

    func byteCount(_ elements: Int) -> Int { elements / blockLength * blockBytes }
}
