import CLibAV
import Foundation
import Media
import Testing

/// JPEGs show what the ffmpeg program shows of the same frame: at least 40 dB, the quantiser's own loss included.
@Suite(.enabled(if: FFmpegProgram.path != nil, "the ffmpeg program, which is the reference, is not installed")) struct JPEGFidelityTests {
    private static let scaling = "bicubic+accurate_rnd+full_chroma_int"

    /// How samples stand for colours, and in which codec.
    struct Coding: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Of the scale filter that makes the samples; nil for none.
        var matrix: String?
        var range = "tv"
        var format = "yuv420p"
        /// As the stream states it; nil where it states nothing.
        var tag: String?
        var encoder = ["libx264", "-crf", "8"]
        var container = "mkv"
    }

    static let codings = [
        Coding(testDescription: "BT.601", matrix: "bt601", tag: "smpte170m"),
        Coding(testDescription: "BT.601, nothing stated", matrix: "bt601", encoder: ["mpeg4", "-q:v", "2"]),
        Coding(testDescription: "BT.601, full range", matrix: "bt601", range: "pc", tag: "smpte170m"),
        Coding(testDescription: "BT.709", matrix: "bt709", tag: "bt709"),
        Coding(testDescription: "BT.709, full range", matrix: "bt709", range: "pc", tag: "bt709"),
        Coding(testDescription: "BT.709, 4:2:2, 10 bits", matrix: "bt709", format: "yuv422p10le", tag: "bt709"),
        Coding(testDescription: "BT.709, 4:4:4", matrix: "bt709", format: "yuv444p", tag: "bt709"),
        Coding(testDescription: "BT.2020, 10 bits", matrix: "bt2020", format: "yuv420p10le", tag: "bt2020nc"),
        Coding(testDescription: "BT.2020, 10 bits, full range", matrix: "bt2020", range: "pc", format: "yuv420p10le", tag: "bt2020nc"),
        Coding(testDescription: "SMPTE 240M", matrix: "smpte240m", tag: "smpte240m"),
        Coding(testDescription: "FCC", matrix: "fcc", tag: "fcc"),
        Coding(testDescription: "JPEG samples", matrix: "bt601", range: "pc", format: "yuvj420p", encoder: ["mjpeg", "-q:v", "2"], container: "avi"),
        Coding(testDescription: "RGB", format: "bgr0", encoder: ["ffv1"]),
        Coding(testDescription: "grey", format: "gray", encoder: ["ffv1"]),
        Coding(testDescription: "grey, 10 bits", format: "gray10le", encoder: ["ffv1"]),
    ]

    @Test(arguments: codings) func coloursAreTheReferences(coding: Coding) throws {
        try withFolder { folder in
            let path = "\(folder)/video.\(coding.container)"
            let filter = coding.matrix.map { "scale=out_color_matrix=\($0):out_range=\(coding.range)," } ?? ""
            try FFmpegProgram.run(["-f", "lavfi", "-i", "gradients=s=480x360:d=1:r=5:seed=7:nb_colors=6", "-vf", "\(filter)format=\(coding.format)",
                                   "-c:v"] + coding.encoder + (coding.tag.map { ["-colorspace", $0, "-color_range", coding.range] } ?? []) + [path])
            let ours = try FFmpegProgram.samples(of: jpeg(of: path, in: folder), format: "rgb24")
            let reference = try FFmpegProgram.samples(of: path, format: "rgb24", filter: "scale=512:384:flags=\(Self.scaling)")
            #expect(FFmpegProgram.peakSignalToNoise(ours, reference) >= 40)
        }
    }

    /// All eight ways in which a display matrix may turn a picture, and pixels that are wider than high.
    @Test(arguments: [0.0, 90, 180, 270], [(false, false), (true, false), (false, true)]) func picturesStandAsTheReferenceTurnsThem(degrees: Double, mirrors: (Bool, Bool)) throws {
        var video = TestVideo()
        (video.width, video.height, video.fileExtension) = (160, 96, "mp4")
        video.displayRotation = degrees
        video.displayMirrors = (mirrors.0, mirrors.1)
        video.aspect = AVRational(num: 5, den: 4)
        video.luma = { _, x, y in UInt8(30 + x + y / 2) }
        try video.withFile { path in
            try withFolder { folder in
                let ours = try FFmpegProgram.samples(of: jpeg(of: path, in: folder), format: "gray")
                let isTurned = degrees == 90 || degrees == 270
                let (width, height) = isTurned ? (512, 1066) : (512, 246)
                let reference = try FFmpegProgram.samples(of: path, format: "yuvj420p", filter: "scale=\(width):\(height):flags=\(Self.scaling):out_range=pc")
                #expect(FFmpegProgram.peakSignalToNoise(ours, Array(reference.prefix(width * height))) >= 40)
            }
        }
    }

    /// Two fields, a fiftieth of a second apart: the JPEG shows the first one, without combs. yadif sees the pictures before and after, too.
    @Test(arguments: [("testsrc2", "interleave_top", "yuv420p"), ("mandelbrot", "interleave_top", "yuv420p"), ("testsrc2", "interleave_bottom", "yuv420p"),
                      ("testsrc2", "interleave_top", "yuv422p10le")])
    func interlacedPicturesHaveNoCombs(source: String, mode: String, format: String) throws {
        try withFolder { folder in
            let path = "\(folder)/video.mkv"
            try FFmpegProgram.run(["-f", "lavfi", "-i", "\(source)=s=720x576:r=50", "-t", "0.4", "-vf", "format=\(format),tinterlace=\(mode),setfield=\(mode == "interleave_top" ? "tff" : "bff")",
                                   "-c:v", "ffv1", path])
            let ours = try luma(FFmpegProgram.samples(of: jpeg(of: path, in: folder, seconds: 0.2), format: "yuvj420p"))
            func reference(_ filter: String) throws -> [UInt8] {
                try luma(FFmpegProgram.samples(of: path, format: "yuvj420p", filter: "\(filter)scale=512:410:flags=\(Self.scaling):out_range=pc", frame: 5))
            }
            let apart = try FFmpegProgram.peakSignalToNoise(reference(""), reference("yadif,"))
            let distance = try FFmpegProgram.peakSignalToNoise(ours, reference("yadif,"))
            #expect(apart < 37, "the fields do not differ enough to show anything")
            #expect(distance >= 38 && distance > apart + 3)
        }
    }

    private func luma(_ samples: [UInt8]) -> [UInt8] { Array(samples.prefix(samples.count * 2 / 3)) }

    private func jpeg(of path: String, in folder: String, seconds: Double = 0) throws -> String {
        var sampling = FrameSampling()
        sampling.count = 1
        sampling.offsetSeconds = seconds
        sampling.jpegQuantiser = 2
        let frame = try #require(try VideoSampler(sampling: sampling).sample(path).frames.first)
        let file = "\(folder)/frame.jpg"
        try Data(frame.jpeg).write(to: URL(fileURLWithPath: file))
        return file
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }
}
