import Fleet
import Media

extension ChildHandler {
    /// What the program answers when it is started as a media child. All decoding happens here, and nowhere else.
    ///
    /// Hardware is the child's, and not its requests': what it may take is bounded before the first of them is read, and a device, once opened, serves all.
    public static func media(hardware: HardwareDecoding) -> [ChildHandler] {
        let devices = hardware == .off ? nil : HardwareDevices(hardware.decoders)
        return [FramesRequest.answering(with: devices), AudioRequest.answering, AudioExcerptRequest.answering, HeardMusicRequest.answering, SamplesRequest.answering, HardwareProbe.answering]
    }
}
