/// A zip archive of stored files, made for a test.
struct ZipFile {
    /// As torch does: sizes after the data, and in the central directory alone.
    var hasDataDescriptors = false
    /// All numbers in the 64-bit fields.
    var isWide = false
    var method = 0
    var flags = 0
    private var files: [(name: String, content: [UInt8])] = []

    mutating func add(_ name: String, _ content: [UInt8]) { files.append((name, content)) }

    var bytes: [UInt8] {
        var data: [UInt8] = [], directory: [UInt8] = []
        for (name, content) in files {
            let offset = data.count, flags = flags | (hasDataDescriptors ? 8 : 0)
            let size = Self.number(content.count, 4), shown = hasDataDescriptors ? [0, 0, 0, 0] : size
            // Padding as torch's: the local extra field has another length than the central one.
            let padding = [UInt8]("FB".utf8) + Self.number(3, 2) + [0, 0, 0]
            data += Self.number(0x0403_4B50, 4) + Self.number(45, 2) + Self.number(flags, 2) + Self.number(method, 2) + [0, 0, 0, 0, 0, 0, 0, 0] + shown + shown
            data += Self.number(name.utf8.count, 2) + Self.number(padding.count, 2) + Array(name.utf8) + padding + content
            if hasDataDescriptors { data += Self.number(0x0807_4B50, 4) + [0, 0, 0, 0] + size + size }
            let wide = Self.number(1, 2) + Self.number(24, 2) + Self.number(content.count, 8) + Self.number(content.count, 8) + Self.number(offset, 8)
            let extra = isWide ? wide : [], none: [UInt8] = [255, 255, 255, 255]
            directory += Self.number(0x0201_4B50, 4) + Self.number(45, 2) + Self.number(45, 2) + Self.number(flags, 2) + Self.number(method, 2) + [0, 0, 0, 0, 0, 0, 0, 0]
            directory += (isWide ? none + none : size + size) + Self.number(name.utf8.count, 2) + Self.number(extra.count, 2) + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
            directory += (isWide ? none : Self.number(offset, 4)) + Array(name.utf8) + extra
        }
        return data + directory + end(data.count, directory.count)
    }

    private func end(_ offset: Int, _ size: Int) -> [UInt8] {
        let count = files.count
        let narrow = Self.number(0x0605_4B50, 4) + [0, 0, 0, 0]
        guard isWide else { return narrow + Self.number(count, 2) + Self.number(count, 2) + Self.number(size, 4) + Self.number(offset, 4) + [0, 0] }
        var result = Self.number(0x0606_4B50, 4) + Self.number(44, 8) + Self.number(45, 2) + Self.number(45, 2) + [0, 0, 0, 0, 0, 0, 0, 0]
        result += Self.number(count, 8) + Self.number(count, 8) + Self.number(size, 8) + Self.number(offset, 8)
        result += Self.number(0x0706_4B50, 4) + [0, 0, 0, 0] + Self.number(offset + size, 8) + Self.number(1, 4)
        return result + narrow + [255, 255, 255, 255] + [255, 255, 255, 255, 255, 255, 255, 255] + [0, 0]
    }

    static func number(_ value: Int, _ width: Int) -> [UInt8] { (0 ..< width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
}
