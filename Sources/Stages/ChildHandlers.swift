import Fleet

extension ChildHandler {
    /// What the program answers when it is started as a media child. All decoding happens here, and nowhere else.
    public static let media: [ChildHandler] = [FramesRequest.answering, AudioRequest.answering]
}
