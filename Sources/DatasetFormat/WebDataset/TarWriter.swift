/// Writes a tar file in the USTAR form: regular files only, mode 0644, owner and time 0, so that its bytes depend on names and contents alone.
/// Source: IEEE Std 1003.1, pax, "ustar Interchange Format".
package struct TarWriter {
    static let blockSize = 512
    /// Octal, 11 digits.
    static let maximumMemberSize = (1 << 33) - 1

    private let file: OutputFile
    private(set) var memberCount = 0

    init(to file: OutputFile) {
        self.file = file
    }

    var byteCount: Int { file.byteCount }

    /// What a member of that many bytes takes in the file.
    static func footprint(of size: Int) -> Int {
        blockSize + (size + blockSize - 1) / blockSize * blockSize
    }

    /// - Parameter name: ASCII, at most 100 bytes.
    mutating func append(name: String, _ contents: [UInt8]) throws {
        try file.write(TarWriter.header(name: name, size: contents.count))
        try file.write(contents)
        let remainder = contents.count % TarWriter.blockSize
        if remainder > 0 { try file.write([UInt8](repeating: 0, count: TarWriter.blockSize - remainder)) }
        memberCount += 1
    }

    /// Ends the archive with its two zero blocks.
    /// - Returns: SHA-256 of the file.
    func finish() throws -> String {
        try file.write([UInt8](repeating: 0, count: 2 * TarWriter.blockSize))
        return try file.close()
    }

    package static func header(name: String, size: Int) throws -> [UInt8] {
        guard !name.isEmpty, name.utf8.count <= 100, name.utf8.allSatisfy({ $0 > 32 && $0 < 127 }), size <= maximumMemberSize else {
            throw DatasetError(.recordInvalid, "The tar member '\(name)' of \(size) bytes does not fit into a USTAR header.")
        }
        var block = [UInt8](repeating: 0, count: blockSize)
        func put(_ text: String, at offset: Int) {
            for (position, byte) in text.utf8.enumerated() { block[offset + position] = byte }
        }
        put(name, at: 0)
        put(octal(0o644, digits: 7), at: 100)
        put(octal(0, digits: 7), at: 108)      // uid
        put(octal(0, digits: 7), at: 116)      // gid
        put(octal(size, digits: 11), at: 124)
        put(octal(0, digits: 11), at: 136)     // mtime
        put("        ", at: 148)               // the checksum counts its own field as spaces
        put("0", at: 156)                      // a regular file
        put("ustar", at: 257)
        put("00", at: 263)
        let checksum = block.reduce(0) { $0 + Int($1) }
        put(octal(checksum, digits: 6), at: 148)
        block[154] = 0
        return block
    }

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
