/// CRC-32 as zip and PNG have it (reflected, polynomial 0x04C11DB7).
package enum CyclicRedundancyCheck {
    package static func checksum(_ data: [UInt8]) -> UInt32 {
        data.withUnsafeBytes { data in
            tables.withUnsafeBufferPointer { tables in
                var crc = UInt32.max, index = 0
                // Invariant: index + 8 <= data.count while eight bytes are read; each table index is a byte plus its table's beginning.
                while index + 8 <= data.count {
                    let low = UInt32(littleEndian: data.loadUnaligned(fromByteOffset: index, as: UInt32.self)) ^ crc
                    let high = UInt32(littleEndian: data.loadUnaligned(fromByteOffset: index + 4, as: UInt32.self))
                    crc = 0
                    for byte in 0 ..< 4 {
                        crc ^= tables[(7 - byte) << 8 + Int(low >> (byte * 8) & 0xFF)] ^ tables[(3 - byte) << 8 + Int(high >> (byte * 8) & 0xFF)]
                    }
                    index += 8
                }
                for byte in data[index...] { crc = tables[Int((crc ^ UInt32(byte)) & 0xFF)] ^ crc >> 8 }
                return ~crc
            }
        }
    }

    /// Eight tables of 256, so that eight bytes are taken at a time.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 << 8)
        for byte in 0 ..< 256 {
            tables[byte] = (0 ..< 8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
        }
        for index in 256 ..< 8 << 8 { tables[index] = tables[Int(tables[index - 256] & 0xFF)] ^ tables[index - 256] >> 8 }
        return tables
    }()
}
