import Foundation

// mvfleet-features rhythm|levels|harmony OUT_DIR FILE…
// Writes OUT_DIR/NAME.npy for each file: the matrices that the networks read, as the analyzer's own front end makes them.
let usage = "usage: mvfleet-features rhythm|levels|harmony OUT_DIR FILE…"

func report(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

guard CommandLine.arguments.count >= 4 else {
    report(usage)
    exit(64)
}
let (kind, directory, files) = (CommandLine.arguments[1], CommandLine.arguments[2], CommandLine.arguments[3...])
var failures = 0
for file in files {
    do {
        switch kind {
        case "rhythm": try RhythmFeatures.export(file, to: directory)
        case "levels": try LevelEvidence().export(file, to: directory)
        case "harmony": try HarmonyFeatures.export(file, to: directory)
        default:
            report(usage)
            exit(64)
        }
    } catch {
        report("\(file): \(error)")
        failures += 1
    }
}
exit(failures == 0 ? 0 : 1)
