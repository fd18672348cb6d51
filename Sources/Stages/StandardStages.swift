import Fleet

extension StageCatalogue {
    /// The stages of the pipeline. A new stage is a folder beside this file and a line here.
    public static func standard() throws -> StageCatalogue {
        try StageCatalogue([
            StageEntry(FramesStage.self),
            StageEntry(AudioStage.self),
            StageEntry(MusicCaptionStage.self),
            StageEntry(LyricsStage.self),
            StageEntry(UnifiedCaptionStage.self),
            StageEntry(MVTypeStage.self),
            StageEntry(FrameCaptionsStage.self),
            StageEntry(DescriptionStage.self),
            StageEntry(EmbeddingStage.self),
            StageEntry(PredictionStage.self),
        ])
    }
}
