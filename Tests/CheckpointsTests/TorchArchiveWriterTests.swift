import Checkpoints
import Foundation
import Testing

@Suite struct TorchArchiveWriterTests {
    /// Sizes and CRC-32 of what PyTorch 2.13 wrote with `torch.save((torch.arange(n) % 1000 / 8).reshape(shape).half(), io.BytesIO())`.
    @Test(arguments: [([1], 1577, 596_021_669), ([300, 2], 2729, 3_452_513_319), ([2, 3, 4], 1577, 3_444_157_035), ([70000, 1], 141_545, 4_214_980_863), ([1, 5], 1577, 1_772_121_875)] as [([Int], Int, UInt32)])
    func writesWhatTorchWrites(shape: [Int], size: Int, checksum: UInt32) throws {
        let values = (0 ..< shape.reduce(1, *)).map { Float($0 % 1000) / 8 }
        let bytes = try TorchArchiveWriter.bytes(values, shape: shape, as: .float16)
        #expect(bytes.count == size && CyclicRedundancyCheck.checksum(bytes) == checksum)
    }

    /// Of `[[1, -2, 0.5], [3, 65504, 0.001]]`.
    @Test(arguments: [(.float32, 3234519926), (.bfloat16, 359897082)] as [(ElementType, UInt32)])
    func writesOtherTypesAsTorchDoes(type: ElementType, checksum: UInt32) throws {
        let bytes = try TorchArchiveWriter.bytes([1, -2, 0.5, 3, 65504, 1e-3], shape: [2, 3], as: type)
        #expect(bytes.count == 1577 && CyclicRedundancyCheck.checksum(bytes) == checksum)
    }

    @Test func refusesWhatItCannotWrite() {
        #expect(throws: CheckpointError.self) { try TorchArchiveWriter.bytes([1, 2], shape: [3], as: .float32) }
        #expect(throws: CheckpointError.self) { try TorchArchiveWriter.bytes([], shape: [0, 4], as: .float32) }
        #expect(throws: CheckpointError.self) { try TorchArchiveWriter.bytes([1], shape: [1], as: .int8) }
    }

    /// The check value of the algorithm's catalogue (Williams, A Painless Guide to CRC Error Detection Algorithms).
    @Test func checksAsZipDoes() {
        #expect(CyclicRedundancyCheck.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
        #expect(CyclicRedundancyCheck.checksum([]) == 0)
    }

    @Test(.enabled(if: TinyCheckpoint.isThere, "shared/data/model/tiny_a is not there"))
    func writesTheReferencePromptByteForByte() throws {
        let prompt = try SafetensorsArchive(path: TinyCheckpoint.path + "/ref/ref.safetensors").tensor("lm.inputs_embeds")
        let written = try TorchArchiveWriter.bytes(prompt.floats(), shape: prompt.shape, as: .float16, archive: "prompt_embeds_f16")
        #expect(try Data(written) == Data(contentsOf: URL(fileURLWithPath: TinyCheckpoint.path + "/ref/prompt_embeds_f16.pt")))
    }
}
