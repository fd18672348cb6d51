import Media
import Testing

@Suite struct PacketInspectorTests {
    private func finding(_ codec: PacketInspector.Codec, _ bytes: [UInt8], isKey: Bool = false) -> PacketInspector.Finding {
        bytes.withUnsafeBytes { PacketInspector(codec).inspect($0, isKey: isKey) }
    }

    /// Units behind a length of four bytes.
    private func units(_ units: [UInt8]...) -> [UInt8] {
        units.flatMap { [0, 0, 0, UInt8($0.count)] + $0 }
    }

    private func startCodes(_ units: [UInt8]...) -> [UInt8] {
        units.flatMap { [0, 0, 0, 1] + $0 }
    }

    @Test func h264TellsStartsAndUnreferencedPictures() {
        let avc = PacketInspector.Codec.h264(lengthBytes: 4)
        #expect(finding(avc, units([0x06, 5], [0x65, 0x88]), isKey: true) == .start)
        #expect(finding(avc, units([0x65, 0x88])) == .picture) // the container does not call it a key
        #expect(finding(avc, units([0x41, 0x9A])) == .picture)
        #expect(finding(avc, units([0x41, 0x9A]), isKey: true) == .picture) // a recovery point is no clean start
        #expect(finding(avc, units([0x01, 0x9E])) == .unreferenced)
        #expect(finding(avc, units([0x01, 0x9E], [0x01, 0x4E])) == .unreferenced) // a second slice
        #expect(finding(.h264(lengthBytes: nil), startCodes([0x09, 0xF0], [0x65, 0x88]), isKey: true) == .start)
        #expect(finding(.h264(lengthBytes: nil), startCodes([0x09, 0xF0], [0x01, 0x9E])) == .unreferenced)
    }

    @Test func whatIsNotOnePictureIsUnclear() {
        let avc = PacketInspector.Codec.h264(lengthBytes: 4)
        #expect(finding(avc, []) == .unclear)
        #expect(finding(avc, units([0x06, 5])) == .unclear) // no picture
        #expect(finding(avc, units([0x41, 0x9A], [0x41, 0x9A])) == .unclear) // two, or two fields
        #expect(finding(avc, [0, 0, 0, 9, 0x41, 0x9A]) == .unclear) // longer than the packet
        #expect(finding(avc, [0xFF, 0xFF, 0xFF, 0xFF, 0x41, 0x9A]) == .unclear)
        #expect(finding(avc, [0, 0, 0, 0, 0x41]) == .unclear)
        #expect(finding(avc, [0, 0]) == .unclear)
        #expect(finding(.h264(lengthBytes: nil), [0, 0, 1]) == .unclear)
        #expect(finding(.hevc(lengthBytes: nil), [0, 0, 1, 0x02]) == .unclear)
    }

    @Test func hevcTellsStartsAndUnreferencedPictures() {
        let hevc = PacketInspector.Codec.hevc(lengthBytes: 4)
        #expect(finding(hevc, units([0x26, 0x01, 0xAF]), isKey: true) == .start) // IDR_W_RADL
        #expect(finding(hevc, units([0x2A, 0x01, 0xAF]), isKey: true) == .start) // CRA
        #expect(finding(hevc, units([0x02, 0x01, 0xD0])) == .picture) // TRAIL_R
        #expect(finding(hevc, units([0x00, 0x01, 0xE0])) == .unreferenced) // TRAIL_N
        #expect(finding(hevc, units([0x10, 0x01, 0xE0])) == .unreferenced) // RASL_N
    }

    @Test func mpegVideoTellsPictureTypes() {
        func picture(_ type: UInt8) -> [UInt8] { startCodes([0x00, 0x00, type << 3, 0xFF], [0x01, 0x12]) }
        #expect(finding(.mpegVideo, startCodes([0xB3, 0x28]) + picture(1), isKey: true) == .start)
        #expect(finding(.mpegVideo, picture(2)) == .picture)
        #expect(finding(.mpegVideo, picture(3)) == .unreferenced)
        #expect(finding(.mpegVideo, picture(2) + picture(2)) == .unclear) // two fields
        #expect(finding(.mpegVideo, picture(5)) == .unclear)
    }

    @Test func vp8AndVP9TellHiddenFrames() {
        #expect(finding(.vp8, [0x10, 0, 0], isKey: true) == .start)
        #expect(finding(.vp8, [0x11, 0, 0]) == .picture)
        #expect(finding(.vp8, [0x01, 0, 0]) == .hidden)
        #expect(finding(.vp9, [0x82, 0x49, 0x83, 0x42], isKey: true) == .start)
        #expect(finding(.vp9, [0x86, 0, 0]) == .picture)
        #expect(finding(.vp9, [0x84, 0, 0]) == .hidden)
        #expect(finding(.vp9, [0x88]) == .picture) // shows an earlier one
        // Two frames of three and two bytes, the first hidden; marker: two frames, sizes of one byte.
        #expect(finding(.vp9, [0x84, 0, 0, 0x86, 0, 0xC1, 3, 2, 0xC1]) == .picture)
        #expect(finding(.vp9, [0x86, 0, 0, 0x86, 0, 0xC1, 3, 2, 0xC1]) == .unclear) // both shown
        #expect(finding(.vp9, [0x84, 0, 0, 0x86, 0, 0xC1, 9, 2, 0xC1]) == .unclear) // a size too large
    }

    @Test func av1NeedsOneShownFrameAndASequenceHeaderToStart() {
        let delimiter: [UInt8] = [0x12, 0x00], sequence: [UInt8] = [0x0A, 0x01, 0x00]
        #expect(finding(.av1, delimiter + sequence + [0x32, 0x02, 0x10, 0x00], isKey: true) == .start)
        #expect(finding(.av1, delimiter + [0x32, 0x02, 0x10, 0x00], isKey: true) == .picture)
        #expect(finding(.av1, delimiter + [0x32, 0x02, 0x20, 0x00, 0x1A, 0x01, 0x80]) == .picture) // hidden, then an earlier one shown
        #expect(finding(.av1, delimiter + [0x32, 0x02, 0x20, 0x00]) == .unclear)
        #expect(finding(.av1, delimiter + [0x32, 0x7F, 0x10]) == .unclear)
        #expect(finding(.av1, [0x32, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]) == .unclear)
        #expect(finding(.av1, [0x36]) == .unclear)
    }

    @Test func anyBytesAtAllAreNoTrap() {
        var random = SystemRandomNumberGenerator()
        let codecs: [PacketInspector.Codec] = [.h264(lengthBytes: 1), .h264(lengthBytes: 4), .h264(lengthBytes: nil), .hevc(lengthBytes: 2), .hevc(lengthBytes: nil),
                                               .mpegVideo, .mpeg4, .vp8, .vp9, .av1, .theora]
        for codec in codecs {
            for _ in 0..<3000 {
                let length = Int.random(in: 0...40, using: &random)
                // Small values make start codes, lengths and markers likely.
                let bytes = (0..<length).map { _ in Bool.random(using: &random) ? UInt8.random(in: 0...3, using: &random) : UInt8.random(in: 0...255, using: &random) }
                _ = finding(codec, bytes, isKey: true)
            }
        }
    }
}
