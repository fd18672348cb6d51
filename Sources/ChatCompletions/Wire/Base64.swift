import NIOCore

/// Base64 (RFC 4648, section 4) straight into a buffer: a frame's text is never a string.
package enum Base64 {
    /// Bytes of the text of `count` bytes, padding included.
    package static func encodedCount(_ count: Int) -> Int { (count + 2) / 3 * 4 }

    package static func write(_ bytes: [UInt8], to buffer: inout ByteBuffer) {
        let length = encodedCount(bytes.count)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { target in
            bytes.withUnsafeBufferPointer { source in
                pairs.withUnsafeBufferPointer { pairs in
                    // Invariant: `target` has at least `length` bytes, four for each three of `source`, and a last four for what remains.
                    var read = 0, written = 0
                    while read + 3 <= source.count {
                        let group = Int(source[read]) << 16 | Int(source[read + 1]) << 8 | Int(source[read + 2])
                        target.storeBytes(of: pairs[group >> 12], toByteOffset: written, as: UInt16.self)
                        target.storeBytes(of: pairs[group & 0xfff], toByteOffset: written + 2, as: UInt16.self)
                        read += 3
                        written += 4
                    }
                    if read < source.count {
                        let second = read + 1 < source.count ? Int(source[read + 1]) : 0
                        let group = Int(source[read]) << 16 | second << 8
                        target.storeBytes(of: pairs[group >> 12], toByteOffset: written, as: UInt16.self)
                        target.storeBytes(of: pairs[group & 0xfff], toByteOffset: written + 2, as: UInt16.self)
                        target[written + 3] = UInt8(ascii: "=")
                        if read + 1 == source.count { target[written + 2] = UInt8(ascii: "=") }
                    }
                }
            }
            return length
        }
    }

    /// Two letters for each twelve bits, in memory order.
    private static let pairs: [UInt16] = {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        return (0..<4096).map { UInt16(littleEndian: UInt16(letters[$0 >> 6]) | UInt16(letters[$0 & 63]) << 8) }
    }()
}
