import CLibAV

/// The MD5 of a frame's raw planes without padding, as `ffmpeg -f framemd5` prints it; for comparison with a reference decoder.
enum FrameMD5 {
    static func hexadecimal(_ frame: UnsafeMutablePointer<AVFrame>) -> String? {
        let format = AVPixelFormat(rawValue: frame.pointee.format)
        let size = av_image_get_buffer_size(format, frame.pointee.width, frame.pointee.height, 1)
        guard size > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        // `data` and `linesize` describe a decoded frame of this format and size; the destination has `size` bytes.
        let written = withUnsafePointer(to: &frame.pointee.data) { data in
            withUnsafePointer(to: &frame.pointee.linesize) { lines in
                data.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { data in
                    lines.withMemoryRebound(to: Int32.self, capacity: 8) { lines in
                        av_image_copy_to_buffer(&bytes, size, data, lines, format, frame.pointee.width, frame.pointee.height, 1)
                    }
                }
            }
        }
        guard written == size else { return nil }
        var digest = [UInt8](repeating: 0, count: 16)
        av_md5_sum(&digest, bytes, bytes.count)
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
