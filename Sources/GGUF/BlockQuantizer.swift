import CTensorKernels

extension GGUFTensorType {
    /// Numbers in this type, whole blocks of them, rounded as ggml's reference does (`quantize_row_q8_0_ref`, `quantize_row_q4_0_ref`).
    package func encode(_ values: [Float]) -> [UInt8] {
        precondition(values.count % blockLength == 0, "\(values.count) numbers are no whole blocks of \(blockLength)")
        return switch self {
        case .f32: values.withUnsafeBytes { Array($0) }
        case .f16: words(values, tensor_to_half)
        case .bf16: words(values, tensor_to_bfloat)
        case .q8_0: blocks(values, Self.writeEightBits)
        case .q4_0: blocks(values, Self.writeFourBits)
        }
    }

    private func words(_ values: [Float], _ convert: (UnsafePointer<Float>?, UnsafeMutablePointer<UInt16>?, Int) -> Void) -> [UInt8] {
        let words = [UInt16](unsafeUninitializedCapacity: values.count) { words, count in
            // Invariant: as many words as values.
            values.withUnsafeBufferPointer { convert($0.baseAddress, words.baseAddress, $0.count) }
            count = values.count
        }
        return words.withUnsafeBytes { Array($0) }
    }

    private func blocks(_ values: [Float], _ write: (UnsafePointer<Float>, UnsafeMutablePointer<UInt8>) -> Void) -> [UInt8] {
        let size = byteCount(values.count)
        return [UInt8](unsafeUninitializedCapacity: size) { bytes, count in
            values.withUnsafeBufferPointer { values in
                // Invariant: `block` counts the whole blocks of `values`, each of which has its place in `bytes`.
                for block in 0 ..< values.count / blockLength { write(values.baseAddress! + block * blockLength, bytes.baseAddress! + block * blockBytes) }
            }
            count = size
        }
    }

    /// 32 numbers into 34 bytes.
    private static func writeEightBits(_ values: UnsafePointer<Float>, _ bytes: UnsafeMutablePointer<UInt8>) {
        var largest: Float = 0
        for index in 0 ..< 32 { largest = max(largest, abs(values[index])) }
        let scale = largest / 127, inverse = scale == 0 ? 0 : 1 / scale
        writeHalf(scale, bytes)
        for index in 0 ..< 32 { bytes[2 + index] = UInt8(bitPattern: Int8(clamped((values[index] * inverse).rounded(.toNearestOrAwayFromZero), -127, 127))) }
    }

    /// 32 numbers into 18 bytes: number `i` in the low half of byte `i`, number `16 + i` in its high half.
    private static func writeFourBits(_ values: UnsafePointer<Float>, _ bytes: UnsafeMutablePointer<UInt8>) {
        var largest: Float = 0
        for index in 0 ..< 32 where abs(values[index]) > abs(largest) { largest = values[index] }
        let scale = largest / -8, inverse = scale == 0 ? 0 : 1 / scale
        writeHalf(scale, bytes)
        for index in 0 ..< 16 {
            let low = UInt8(clamped(values[index] * inverse + 8.5, 0, 15)), high = UInt8(clamped(values[16 + index] * inverse + 8.5, 0, 15))
            bytes[2 + index] = low | high << 4
        }
    }

    /// What is no number becomes the lower bound.
    private static func clamped(_ value: Float, _ low: Float, _ high: Float) -> Float { value >= low ? min(value, high) : low }

    private static func writeHalf(_ value: Float, _ bytes: UnsafeMutablePointer<UInt8>) {
        var value = value, half: UInt16 = 0
        tensor_to_half(&value, &half, 1)
        bytes[0] = UInt8(truncatingIfNeeded: half)
        bytes[1] = UInt8(half >> 8)
    }
}
