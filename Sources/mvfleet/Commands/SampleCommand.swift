import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Stages

struct SampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample", abstract: "Fifteen frames per video as JPEG, cuts, and whether it is a static image, as JSON lines.",
        discussion: """
            Frames go to DIR/CLIP/frame_00.jpg and so on: the frame on screen at 0, 2, 4, … seconds.

            Examples:
              mvfleet sample clips/ --output frames --jobs 4
              mvfleet sample clips/ --output frames --frames-only --contact-sheet
              mvfleet sample clip.mp4 -o frames --recipe '{"interval_s":1,"count":30,"align":"shots"}'
            """)

    @OptionGroup var media: MediaFileOptions
    @Option(name: .shortAndLong, help: ArgumentHelp("Where the frames go. Without it, none are written.", valueName: "dir")) var output: String?
    @Option(help: ArgumentHelp("Settings of the 'frames' stage: interval_s, count, offset_s, width, jpeg_quantiser, align (grid, downbeats, shots) and more; see 'mvfleet stages'.",
                               valueName: "json")) var recipe: String?
    @Flag(help: "Only the frames and their times: no cuts, no verdict, and less than half the work.") var framesOnly = false
    @Flag(help: "Write DIR/CLIP/contact_sheet.jpg too: all frames in one picture, five a row.") var contactSheet = false
    @Flag(name: .customLong("frame-md5"), help: "Add the MD5 of each frame's raw planes, as 'ffmpeg -f framemd5' prints it.") var frameMD5 = false

    @OptionGroup var hardware: HardwareOptions

    func validate() throws {
        _ = try settings()
        if contactSheet, output == nil { throw ValidationError("--contact-sheet writes a picture: say where with --output DIR") }
    }

    private func settings() throws -> FramesSettings {
        guard let recipe else { return FramesSettings() }
        do {
            return try CanonicalJSON.decode(FramesSettings.self, from: recipe)
        } catch {
            throw ValidationError("--recipe: \(ErrorText.describe(error))")
        }
    }

    func run() async throws {
        let output = output, settings = try settings()
        var extras = FramesExtras()
        extras.isFramesOnly = framesOnly
        extras.includesContactSheet = contactSheet
        extras.includesFrameMD5 = frameMD5
        try await media.each(hardware: try hardware.resolved()) { [extras] path, clip, children in
            let sample = try await MediaRequests(children: children).sample(path, clip: clip, settings: settings, extras: extras)
            if let output { try Self.write(sample, of: clip, below: output) }
            return sample.json
        }
    }

    private static func write(_ sample: MediaRequests.Sample, of clip: String, below output: String) throws {
        let folder = "\(output)/\(clip)"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (index, jpeg) in sample.jpegs.enumerated() {
                let name = "frame_" + (index < 10 ? "0" : "") + "\(index).jpg"
                try Data(jpeg).write(to: URL(fileURLWithPath: "\(folder)/\(name)"), options: .atomic)
            }
            if let sheet = sample.contactSheet {
                try Data(sheet).write(to: URL(fileURLWithPath: "\(folder)/contact_sheet.jpg"), options: .atomic)
            }
        } catch {
            throw FleetError("output.write", "the frames of \(clip) cannot be written below \(output): check that it is a writable directory with room", cause: error)
        }
    }
}
