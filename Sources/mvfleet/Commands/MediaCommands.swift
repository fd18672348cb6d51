import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Media
import Stages

/// What the commands for single files share: files or folders in, one JSON line per file out, decoding in child processes.
struct MediaFileOptions: ParsableArguments {
    @Argument(help: "Files, or folders of files.") var files: [String]
    @Option(help: "How many files at once. Default: one per processor.") var jobs: Int?
    @Flag(help: "Exit with status 1 when any file failed.") var strict = false

    func validate() throws {
        if let jobs, !(1...256).contains(jobs) { throw ValidationError("--jobs is \(jobs): give 1 to 256") }
    }

    /// Folders are replaced by the media in them.
    func paths() throws -> [String] {
        try files.flatMap { path -> [String] in
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
                return [path]
            }
            guard isDirectory.boolValue else { return [path] }
            let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
            return names.filter { MediaFileOptions.extensions.contains(($0 as NSString).pathExtension.lowercased()) }.map { path + "/" + $0 }
        }
    }

    private static let extensions: Set<String> = ["mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "mpg", "mpeg", "ogv", "flv", "wmv", "gif", "3gp",
                                                  "mp3", "ogg", "oga", "opus", "flac", "wav", "m4a", "aac", "aif", "aiff", "wma"]

    private struct Failure: Encodable {
        var clip: String
        var code: String
        var error: String
    }

    /// Runs `body` over all files, `jobs` at a time, and prints results in the files' order.
    ///
    /// - Parameter hardware: what may decode video.
    func each(hardware: HardwareDecoding = .off, _ body: @escaping @Sendable (_ path: String, _ clip: String, _ children: ChildProcessPool) async throws -> String) async throws {
        let paths = try paths()
        guard !paths.isEmpty else { throw FleetError("media.none", "there is no media file in \(files.joined(separator: ", "))") }
        let width = min(jobs ?? ProcessInfo.processInfo.activeProcessorCount, paths.count)
        let children = ChildProcessPool(.media(size: width, hardware: hardware))
        var display = ProgressDisplay()
        var results: [Int: Result<String, any Error>] = [:]
        var printed = 0
        var failures = 0
        await withTaskGroup(of: (Int, Result<String, any Error>).self) { group in
            var next = 0
            func start() {
                guard next < paths.count else { return }
                let index = next
                next += 1
                group.addTask {
                    let path = URL(fileURLWithPath: paths[index]).path
                    do {
                        return (index, .success(try await body(path, (paths[index] as NSString).lastPathComponent, children)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<width { start() }
            while let (index, result) = await group.next() {
                start()
                results[index] = result
                while let result = results.removeValue(forKey: printed) {
                    switch result {
                    case .success(let line): print(line)
                    case .failure(let error):
                        failures += 1
                        let known = error as? FleetError ?? FleetError(.internal, ErrorText.describe(error))
                        let failure = Failure(clip: (paths[printed] as NSString).lastPathComponent, code: known.code.rawValue, error: known.message)
                        print((try? CanonicalJSON.encode(failure)) ?? "{}")
                        FileHandle.standardError.write(Data("mvfleet: \(ErrorText.describe(error))\n".utf8))
                    }
                    printed += 1
                }
                if paths.count > 1 { display.show([.init(label: "files", done: printed, total: paths.count, note: failures > 0 ? "\(failures) failed" : "")]) }
            }
        }
        await children.endIdleChildren()
        if failures == paths.count || (strict && failures > 0) { throw ExitCode(1) }
    }
}
