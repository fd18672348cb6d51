import CLibAV

/// An `AVFrame` and its life. Not for several threads at once.
package final class PictureBuffer {
    /// Valid as long as this object.
    package let frame: UnsafeMutablePointer<AVFrame>

    /// An empty frame, for a decoder to fill. Nil without memory.
    package init?() {
        guard let frame = av_frame_alloc() else { return nil }
        self.frame = frame
    }

    /// A frame with memory for a picture. Nil without memory.
    package convenience init?(width: Int, height: Int, format: AVPixelFormat) {
        self.init()
        frame.pointee.width = Int32(width)
        frame.pointee.height = Int32(height)
        frame.pointee.format = format.rawValue
        guard av_frame_get_buffer(frame, 0) >= 0 else { return nil }
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }

    /// The samples of an 8-bit plane without padding, row-major; empty when the frame has no such plane.
    package func plane(_ index: Int, width: Int, height: Int) -> [UInt8] {
        guard let base = withUnsafePointer(to: &frame.pointee.data, { $0.withMemoryRebound(to: UnsafeMutablePointer<UInt8>?.self, capacity: 8) { $0[index] } })
        else { return [] }
        let stride = lineSize(index)
        return [UInt8](unsafeUninitializedCapacity: width * height) { buffer, count in
            // Rows 0..<height of at least `width` bytes exist in an allocated plane; the destination has width × height.
            for row in 0..<height {
                (buffer.baseAddress! + row * width).update(from: base + row * stride, count: width)
            }
            count = width * height
        }
    }

    /// Writes an 8-bit plane; `samples` has `width × height` of them.
    func setPlane(_ index: Int, _ samples: [UInt8], width: Int, height: Int) {
        guard samples.count == width * height, width > 0,
              let base = withUnsafePointer(to: &frame.pointee.data, { $0.withMemoryRebound(to: UnsafeMutablePointer<UInt8>?.self, capacity: 8) { $0[index] } })
        else { return }
        let stride = lineSize(index)
        samples.withUnsafeBufferPointer { source in
            guard let start = source.baseAddress else { return }
            for row in 0..<height { (base + row * stride).update(from: start + row * width, count: width) }
        }
    }

    private func lineSize(_ index: Int) -> Int {
        withUnsafePointer(to: &frame.pointee.linesize) { $0.withMemoryRebound(to: Int32.self, capacity: 8) { Int($0[index]) } }
    }
}
