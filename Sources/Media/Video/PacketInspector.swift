/// Reads in a compressed packet's first bytes what a plan must know: whether it is one picture, whether it is shown, and whether a decoder can start with it.
///
/// Codecs that are not here, and ways of coding with several pictures in a packet, are decoded in full.
package struct PacketInspector: Hashable, Sendable {
    package enum Codec: Hashable, Sendable {
        /// With NAL units behind a length of so many bytes, or, where nil, behind start codes.
        case h264(lengthBytes: Int?)
        case hevc(lengthBytes: Int?)
        /// MPEG-1 and MPEG-2.
        case mpegVideo
        /// MPEG-4 part 2.
        case mpeg4
        case vp8
        case vp9
        case av1
        case theora
    }

    package enum Finding: Hashable, Sendable {
        /// A decoder can start here.
        case start
        case picture
        /// A picture that no other refers to.
        case unreferenced
        /// Decoded for the sake of others, never shown.
        case hidden
        /// Damage, no picture, or several.
        case unclear
    }

    package let codec: Codec

    package init(_ codec: Codec) {
        self.codec = codec
    }

    /// True where the decoder itself can pass over pictures that no other refers to, and nothing else changes by that.
    package var skipsUnreferencedPictures: Bool {
        switch codec {
        case .h264, .hevc, .mpegVideo: true
        case .mpeg4, .vp8, .vp9, .av1, .theora: false
        }
    }

    /// - Parameters:
    ///   - bytes: the packet's.
    ///   - isKey: what the container says.
    package func inspect(_ bytes: UnsafeRawBufferPointer, isKey: Bool) -> Finding {
        guard !bytes.isEmpty else { return .unclear }
        let finding = switch codec {
        case .h264(let lengthBytes): NALUnits(bytes, lengthBytes: lengthBytes).h264()
        case .hevc(let lengthBytes): NALUnits(bytes, lengthBytes: lengthBytes).hevc()
        case .mpegVideo: NALUnits.mpegVideo(bytes)
        // A picture "not coded" takes up to 19 bytes and is none; real ones of any size that matters take more.
        case .mpeg4: bytes.count > 19 && NALUnits.startCodes(of: 0xB6, in: bytes) == 1 ? Finding.start : .unclear
        case .vp8: bytes[0] & 0x10 == 0 ? .hidden : (bytes[0] & 0x01 == 0 ? Finding.start : .picture)
        case .vp9: Self.vp9(bytes)
        case .av1: Self.av1(bytes)
        case .theora: bytes[0] & 0x80 != 0 ? .unclear : (bytes[0] & 0x40 == 0 ? Finding.start : .picture)
        }
        return finding == .start && !isKey ? .picture : finding
    }

    /// A packet is a frame, or several with an index behind them (VP9 bitstream specification, annex B).
    private static func vp9(_ bytes: UnsafeRawBufferPointer) -> Finding {
        let marker = bytes[bytes.count - 1]
        let frames = Int(marker & 7) + 1, sizeBytes = Int(marker >> 3 & 3) + 1
        let indexBytes = 2 + frames * sizeBytes
        guard marker & 0xE0 == 0xC0, bytes.count >= indexBytes, bytes[bytes.count - indexBytes] == marker else {
            let frame = vp9Frame(bytes[0])
            return frame.isShown ? (frame.isKey ? .start : .picture) : .hidden
        }
        var position = 0, shown = 0, startsWithKey = false
        for frame in 0..<frames {
            let entry = bytes.count - indexBytes + 1 + frame * sizeBytes
            var size = 0
            for byte in 0..<sizeBytes { size |= Int(bytes[entry + byte]) << (8 * byte) }
            guard size > 0, position + size <= bytes.count - indexBytes else { return .unclear }
            let kind = vp9Frame(bytes[position])
            if frame == 0 { startsWithKey = kind.isKey }
            if kind.isShown { shown += 1 }
            position += size
        }
        guard shown <= 1 else { return .unclear }
        return shown == 0 ? .hidden : (startsWithKey ? .start : .picture)
    }

    private static func vp9Frame(_ header: UInt8) -> (isShown: Bool, isKey: Bool) {
        // Marker 10, two bits of profile and, in profile 3, one reserved; then show_existing_frame, frame_type, show_frame.
        let shift = header & 0x30 == 0x30 ? 1 : 0
        let bits = header << shift
        guard bits & 0x08 == 0 else { return (true, false) }
        return (bits & 0x02 != 0, bits & 0x04 == 0)
    }

    /// A temporal unit: OBUs with their sizes (AV1 bitstream specification, §5.3).
    private static func av1(_ bytes: UnsafeRawBufferPointer) -> Finding {
        var position = 0, shown = 0, pictures = 0, hasSequence = false, startsWithKey = false
        while position < bytes.count {
            let header = bytes[position]
            position += header & 0x04 != 0 ? 2 : 1
            var size = bytes.count - position
            if header & 0x02 != 0 {
                size = 0
                var shift = 0, isOpen = true
                while isOpen {
                    guard position < bytes.count, shift < 35 else { return .unclear }
                    size |= Int(bytes[position] & 0x7F) << shift
                    isOpen = bytes[position] & 0x80 != 0
                    shift += 7
                    position += 1
                }
            }
            guard size >= 0, size <= bytes.count - position else { return .unclear }
            switch header >> 3 & 0x0F {
            case 1: hasSequence = true
            case 3, 6: // frame header, frame: show_existing_frame, frame_type (2 bits), show_frame
                guard size > 0 else { return .unclear }
                let bits = bytes[position]
                let isShown = bits & 0x80 != 0 || bits & 0x10 != 0
                if pictures == 0 { startsWithKey = bits & 0xE0 == 0 && isShown }
                if isShown { shown += 1 }
                pictures += 1
            default: break
            }
            position += size
        }
        guard shown == 1 else { return .unclear }
        return hasSequence && startsWithKey ? .start : .picture
    }
}
