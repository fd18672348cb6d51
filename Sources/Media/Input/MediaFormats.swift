/// What FFmpeg may use on files from outside. Left out on purpose: playlists and lists of files (hls, dash, concat, image2, …), which
/// name other files; devices; and decoders of formats that no music video uses and that are little tested.
enum MediaFormats {
    /// Demuxers, by FFmpeg's names.
    static let demuxers = [
        "mov", "mp4", "m4a", "3gp", "matroska", "webm", "avi", "mpegts", "mpeg", "mpegvideo", "flv", "asf", "ogg", "gif", "mxf", "ivf", "dv", "nut", "obu",
        "h264", "hevc", "m4v", "mp3", "wav", "w64", "flac", "aac", "aiff", "caf", "au", "ac3", "eac3", "amr", "ape", "wv", "tta",
    ]

    /// Decoders, by FFmpeg's names.
    static let decoders = [
        "h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "libdav1d", "libaom-av1", "av1", "mpeg4", "mpeg2video", "mpeg1video", "mpegvideo", "h263",
        "msmpeg4v1", "msmpeg4", "msmpeg4v2", "flv", "wmv1", "wmv2", "wmv3", "vc1", "theora", "vp6", "vp6f", "vp6a", "mjpeg", "gif", "png", "rawvideo", "prores",
        "dnxhd", "dvvideo", "ffv1", "huffyuv", "ffvhuff", "utvideo", "svq3", "rv40", "cinepak",
        "aac", "aac_latm", "mp3", "mp3float", "mp2", "mp2float", "mp1", "mp1float", "ac3", "eac3", "dca", "truehd", "opus", "libopus", "vorbis", "libvorbis",
        "flac", "alac", "wmav1", "wmav2", "wmapro", "wmalossless", "ape", "wavpack", "tta", "cook", "amrnb", "amrwb", "libopencore_amrnb", "libopencore_amrwb",
        "speex", "libspeex", "nellymoser", "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "adpcm_swf", "adpcm_yamaha",
        "pcm_u8", "pcm_s8", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be",
        "pcm_alaw", "pcm_mulaw", "pcm_bluray", "pcm_dvd", "pcm_s16le_planar", "pcm_u16le", "pcm_u16be", "pcm_u24le", "pcm_u24be", "pcm_u32le", "pcm_u32be",
    ]

    /// Protocols. Bytes come from one local file and nowhere else.
    static let protocols = ["file"]
}
