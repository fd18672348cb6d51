import Glibc

/// The NAL units of one packet of H.264 or HEVC.
struct NALUnits {
    private let bytes: UnsafeRawBufferPointer
    private let lengthBytes: Int?

    /// - Parameter lengthBytes: of the size before each unit; nil for start codes.
    init(_ bytes: UnsafeRawBufferPointer, lengthBytes: Int?) {
        self.bytes = bytes
        self.lengthBytes = lengthBytes
    }

    /// Slices carry the number of their first macroblock, in a code whose zero is a single set bit: as many zeros, as many pictures (or fields).
    func h264() -> PacketInspector.Finding {
        var pictures = 0, startsOver = true, isReferenced = false
        let isWhole = forEach { unit in
            let type = unit[0] & 0x1F
            switch type {
            case 1, 5:
                guard unit.count > 1 else { return false }
                if unit[1] & 0x80 != 0 { pictures += 1 }
                startsOver = startsOver && type == 5
                isReferenced = isReferenced || unit[0] & 0x60 != 0 // nal_ref_idc
            case 2, 3, 4, 20, 21: return false // data partitions, further views
            default: break
            }
            return true
        }
        guard isWhole, pictures == 1 else { return .unclear }
        return startsOver ? .start : (isReferenced ? .picture : .unreferenced)
    }

    func hevc() -> PacketInspector.Finding {
        var pictures = 0, startsOver = true, isReferenced = false
        let isWhole = forEach { unit in
            guard unit.count > 1 else { return false }
            let type = unit[0] >> 1 & 0x3F
            guard type < 32, unit[0] & 1 == 0, unit[1] >> 3 == 0 else { return true } // parameters, or another layer
            guard unit.count > 2 else { return false }
            if unit[2] & 0x80 != 0 { pictures += 1 } // first_slice_segment_in_pic_flag
            startsOver = startsOver && (16...21).contains(type) // IDR, BLA and CRA pictures
            isReferenced = isReferenced || type > 14 || type % 2 == 1 // even numbers up to 14 are sub-layer non-reference pictures
            return true
        }
        guard isWhole, pictures == 1 else { return .unclear }
        return startsOver ? .start : (isReferenced ? .picture : .unreferenced)
    }

    /// MPEG-1 and MPEG-2: one picture start code, with the picture's type behind it. An I-picture starts over, where the container calls it a key.
    static func mpegVideo(_ bytes: UnsafeRawBufferPointer) -> PacketInspector.Finding {
        var finding: PacketInspector.Finding?
        var position = 0
        while let next = afterStartCode(in: bytes, from: position) {
            position = next
            guard next + 2 < bytes.count, bytes[next] == 0 else { continue }
            guard finding == nil else { return .unclear }
            switch bytes[next + 2] >> 3 & 7 { // after ten bits of temporal reference
            case 1: finding = .start
            case 2: finding = .picture
            case 3: finding = .unreferenced
            default: return .unclear
            }
        }
        return finding ?? .unclear
    }

    /// - Returns: false when the units do not fill the packet exactly, or `body` said so.
    private func forEach(_ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        guard let lengthBytes else { return forEachAfterStartCode(body) }
        var position = 0
        while position < bytes.count {
            guard bytes.count - position >= lengthBytes else { return false }
            var size = 0
            for byte in 0..<lengthBytes { size = size << 8 | Int(bytes[position + byte]) }
            position += lengthBytes
            guard size > 0, size <= bytes.count - position else { return false }
            if !body(UnsafeRawBufferPointer(rebasing: bytes[position..<position + size])) { return false }
            position += size
        }
        return true
    }

    private func forEachAfterStartCode(_ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        // A unit's end does not matter here: only its first bytes are looked at.
        var position = 0
        while let unit = Self.afterStartCode(in: bytes, from: position) {
            if unit < bytes.count, !body(UnsafeRawBufferPointer(rebasing: bytes[unit...])) { return false }
            position = unit
        }
        return true
    }

    /// How many start codes (00 00 01) are followed by `code`.
    static func startCodes(of code: UInt8, in bytes: UnsafeRawBufferPointer) -> Int {
        var count = 0, position = 0
        while let next = afterStartCode(in: bytes, from: position) {
            if next < bytes.count, bytes[next] == code { count += 1 }
            position = next
        }
        return count
    }

    /// The position behind the next start code that begins at `position` or later.
    private static func afterStartCode(in bytes: UnsafeRawBufferPointer, from position: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        var search = position + 2
        while search < bytes.count {
            // The searched bytes lie within the buffer: `search` is below its count.
            guard let found = memchr(base + search, 1, bytes.count - search) else { return nil }
            let index = UnsafeRawPointer(found) - base
            if bytes[index - 1] == 0, bytes[index - 2] == 0 { return index + 1 }
            search = index + 1
        }
        return nil
    }
}
