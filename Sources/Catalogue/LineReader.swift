import FleetModel
import Foundation

/// Lines of a file, read piece by piece: memory is bounded by one piece and one line.
struct LineReader {
    /// Bytes. Longer lines are no rows of a catalogue.
    static let longestLine = 1 << 20
    private static let piece = 1 << 20

    enum Line {
        /// Without its line feed and the carriage return before it.
        case text([UInt8])
        /// Longer than `longestLine`; skipped.
        case tooLong
    }

    private let handle: FileHandle
    private let path: String
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    /// The number of the line that was read last, from 1.
    private(set) var number = 0

    init(path: String) throws(FleetError) {
        guard FileStatus(path: path)?.isRegular == true else {
            throw FleetError("catalogue.unreadable", "'\(path)' is not there or no regular file: name a file that can be read")
        }
        do { handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path)) } catch {
            throw FleetError("catalogue.unreadable", "'\(path)' cannot be read: check its permissions", cause: error)
        }
        self.path = path
    }

    mutating func next() throws(FleetError) -> Line? {
        var line: [UInt8] = []
        var isTooLong = false
        while true {
            if position == buffer.count, try !fill() {
                guard !line.isEmpty || isTooLong else { return nil }
                return finish(line, isTooLong)
            }
            let end = buffer[position...].firstIndex(of: 10) ?? buffer.count
            if line.count + end - position > Self.longestLine { isTooLong = true }
            if isTooLong { line = [] } else { line += buffer[position..<end] }
            position = end
            if end < buffer.count {
                position += 1
                return finish(line, isTooLong)
            }
        }
    }

    private mutating func finish(_ line: [UInt8], _ isTooLong: Bool) -> Line {
        number += 1
        if isTooLong { return .tooLong }
        var line = line
        if line.last == 13 { line.removeLast() }
        // A byte-order mark says nothing in UTF-8.
        if number == 1, line.starts(with: [0xef, 0xbb, 0xbf]) { line.removeFirst(3) }
        return .text(line)
    }

    private mutating func fill() throws(FleetError) -> Bool {
        guard !isAtEnd else { return false }
        do { buffer = Array(try handle.read(upToCount: Self.piece) ?? Data()) } catch {
            throw FleetError("catalogue.unreadable", "reading '\(path)' failed after line \(number)", cause: error, isRetriable: true)
        }
        position = 0
        isAtEnd = buffer.isEmpty
        return !isAtEnd
    }
}

/// A small text file beside the catalogue, such as lyrics.
enum TextFile {
    /// Bytes: longer than any song's words.
    static let longest = 256 * 1024

    enum Content {
        case text(String)
        case missing
        case unusable(cause: String)
    }

    static func read(_ path: String) -> Content {
        guard let status = FileStatus(path: path) else { return .missing }
        guard status.isRegular else { return .unusable(cause: "it is no regular file") }
        guard status.size <= longest else { return .unusable(cause: "it is longer than \(longest) bytes") }
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: longest) ?? Data() else { return .unusable(cause: "it cannot be read") }
        var bytes = Array(data)
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else { return .unusable(cause: "it is not UTF-8") }
        return .text(text)
    }
}
