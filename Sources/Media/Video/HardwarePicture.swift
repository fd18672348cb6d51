import CLibAV

/// A picture in the memory of a hardware device.
package enum HardwarePicture {
    /// Whether the frame's samples are in a device.
    package static func isOne(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool { frame.pointee.hw_frames_ctx != nil }

    /// Puts the same picture, in this process's memory and in planes of `format`, in its place.
    ///
    /// - Returns: false when the device does not give it, or not in this depth; the frame is then as it was.
    package static func bring(_ frame: UnsafeMutablePointer<AVFrame>, as format: AVPixelFormat) -> Bool {
        guard let frames = frame.pointee.hw_frames_ctx, let transferred = PictureBuffer() else { return false }
        // A frame's `hw_frames_ctx` holds an AVHWFramesContext as long as it is referenced.
        let description = UnsafeMutableRawPointer(frames.pointee.data).assumingMemoryBound(to: AVHWFramesContext.self)
        transferred.frame.pointee.format = description.pointee.sw_format.rawValue
        guard av_hwframe_transfer_data(transferred.frame, frame, 0) >= 0, av_frame_copy_props(transferred.frame, frame) >= 0 else { return false }
        // A driver may give the planes as they are wanted.
        let isPlanar = description.pointee.sw_format == format
        let picture = withExtendedLifetime(transferred) { isPlanar ? transferred : PlaneSeparation.separated(transferred.frame, as: format) }
        guard let picture else { return false }
        av_frame_unref(frame)
        withExtendedLifetime(picture) { av_frame_move_ref(frame, picture.frame) }
        return true
    }
}
