import DatasetFormat
import Foundation

/// Small datasets with every odd thing in them: empty lists, absent values, texts that need escaping.
enum DatasetFixture {
    static func record(_ number: Int, side: SplitSide? = nil, group: String? = nil) -> DatasetRecord {
        let texts = ["", "plain", "ünïcödé 音楽 🎬", "quote \" back\\slash\nnew\tline"]
        let frames = number % 5 == 4 ? [] : (1...15).map { index in
            FrameDescription(index: index, startSeconds: Double(index - 1) * 2, endSeconds: Double(index) * 2, title: "Title \(index)",
                             description: texts[(number + index) % 4], bar: index % 4 == 0 ? nil : index, beat: index % 4 == 0 ? nil : 1,
                             onDownbeat: index % 2 == 0, chord: index % 3 == 0 ? "N" : "A:min7")
        }
        return DatasetRecord(
            clipID: clipID(number), split: side ?? (number % 4 == 0 ? .test : .train), artistGroup: group ?? "artist:\(number)",
            genres: Array(["rock", "pop", "ジャズ"].prefix(number % 4)), tags: number % 2 == 0 ? [] : ["a,b", ""],
            language: number % 3 == 0 ? nil : "en", durationSeconds: 30, instruction: "Describe.", text: "Overview\n\n" + texts[number % 4],
            overview: texts[number % 4], frames: frames, mvTypes: ["Animation"],
            music: MusicFacts(tempoBPM: number % 3 == 0 ? nil : 85.7142857, key: number % 3 == 0 ? nil : "D#:maj", beatsPerBar: 4,
                              beatsSeconds: (0..<number % 7).map { Double($0) * 0.7 }, chords: [.init(startSeconds: 0, endSeconds: 2, label: "C:maj")],
                              loudnessLUFS: -14.5, caption: "A caption.", unifiedCaption: texts[(number + 1) % 4]),
            lyrics: [.instrumental, .unavailable(reason: "no model"), .understood("Rain.")][number % 3],
            visual: VisualFacts(cutsSeconds: [12.48], palette: [.init(hex: "#0a0b0c", share: 0.5)], brightness: 0.25, motion: 0),
            provenance: RecordProvenance(source: "rules", results: [.init(stage: "frames", recipe: "f", fingerprint: "1"),
                                                                    .init(stage: "audio", recipe: "a", fingerprint: "2")]))
    }

    static func clipID(_ number: Int) -> String {
        number % 3 == 1 ? "folder/clip \(number) 音.mp4" : "clip\(number)"
    }

    static func records(_ count: Int) -> [DatasetRecord] {
        (0..<count).map { record($0) }.sorted { $0.key < $1.key }
    }

    static func plan(title: String = "A title", attachments: [AttachmentName] = [], limits: ShardLimits = ShardLimits()) throws -> DatasetPlan {
        let members = [SplitMember(key: "a", group: "x"), SplitMember(key: "b", group: "y")]
        return DatasetPlan(title: title, split: try Split(members: members).proof,
                           recipes: [DatasetRecipe(stage: "frames", version: 2, digest: "f", settings: #"{"every_s":2}"#),
                                     DatasetRecipe(stage: "audio", version: 1, digest: "a", settings: "{}")],
                           endings: [DatasetEnding(kind: .filtered, reason: "video.static", clips: 3), DatasetEnding(kind: .failed, reason: "video.no_stream", clips: 1)],
                           attachments: attachments, limits: limits)
    }

    /// - Returns: the manifest of a dataset of `count` samples in `directory`.
    @discardableResult
    static func write(_ count: Int, to directory: String, limits: ShardLimits = ShardLimits()) throws -> DatasetManifest {
        let writer = try DatasetWriter(directory: directory, plan: try plan(limits: limits))
        for record in records(count) { try writer.append(record) }
        return try writer.finish()
    }
}

/// A new folder that is removed at the end.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dataset-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

/// The regular files below `folder`, by relative path.
func contents(of folder: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder + "/" + path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
        files[path] = try Data(contentsOf: URL(fileURLWithPath: folder + "/" + path))
    }
    return files
}
