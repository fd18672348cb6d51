import Fleet
import FleetModel
import Media
import NumericKernels

/// What a child is asked: the beginning of a file's sound, as language models take it: mono, 16 kHz, 16 bits, in a WAV file.
struct AudioExcerptRequest: Codable, Sendable {
    static let handler = "audio-excerpt"
    /// What audio models were trained on.
    static let sampleRate = 16_000

    var path: String
    /// The digest that was ingested; nil where nothing was.
    var sha256: Digest?
    /// At most so much of it.
    var seconds: Double

    private struct Answer: Codable { var frames: Int }

    static let answering = ChildHandler(handler) { (request: AudioExcerptRequest) in
        try MediaSource.verify(request.path, is: request.sha256)
        var limits = MediaLimits()
        limits.maximumDuration = .seconds(request.seconds)
        do {
            let audio = try AudioDecoder().decode(path: request.path, limits: limits)
            let samples = Resampler(from: audio.sampleRate, to: sampleRate).resample(mono(audio.channels))
            return ChildMessage(json: try CanonicalJSON.encode(Answer(frames: samples.count)), attachments: [WAVFile.bytes(samples, sampleRate: sampleRate)])
        } catch let error as MediaError {
            throw FleetError(error)
        }
    }

    private static func mono(_ channels: [[Float]]) -> [Float] {
        guard var sum = channels.first, channels.count > 1 else { return channels.first ?? [] }
        for channel in channels.dropFirst() {
            for frame in sum.indices { sum[frame] += channel[frame] }
        }
        let share = 1 / Float(channels.count)
        for frame in sum.indices { sum[frame] *= share }
        return sum
    }
}

/// Samples as a WAV file of one channel and 16 bits.
enum WAVFile {
    /// - Parameter samples: full scale is ±1; what lies outside is clipped.
    static func bytes(_ samples: [Float], sampleRate: Int) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let size = samples.count * 2
        var bytes: [UInt8] = []
        bytes.reserveCapacity(44 + size)
        bytes += Array("RIFF".utf8) + little(36 + size, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + little(1, 2) + little(1, 2)
        bytes += little(sampleRate, 4) + little(sampleRate * 2, 4) + little(2, 2) + little(16, 2) + Array("data".utf8) + little(size, 4)
        for sample in samples {
            let value = Int16(max(-1, min(1, sample)) * 32_767)
            bytes.append(UInt8(truncatingIfNeeded: value))
            bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        }
        return bytes
    }
}
