import FleetModel
import Foundation
import Ledger

/// What happened to a clip, as scripts read it and as people do.
struct TimelineReport: Encodable {
    struct Entry: Encodable {
        var at: Date
        var stage: String?
        var event: String
        var what: String
        var code: String?
        var worker: ExplainReport.Worker?
        var milliseconds: Int?
    }

    var clip: String
    var job: String
    var at: Date
    var entries: [Entry]
    /// What was known once and is not kept any more.
    var gaps: [String]

    init(_ timeline: ClipTimeline) {
        clip = timeline.clip
        job = "\(timeline.job)"
        at = timeline.now
        entries = timeline.entries.map {
            Entry(at: $0.at, stage: $0.stage?.rawValue, event: $0.event.code, what: timeline.text(of: $0), code: $0.event.error?.code.rawValue,
                  worker: $0.worker.map(ExplainReport.Worker.init), milliseconds: $0.duration?.wholeMilliseconds)
        }
        gaps = timeline.gaps
    }

    static func render(_ timeline: ClipTimeline) -> String {
        var table = TextTable([("TIME", .left), ("STAGE", .left), ("TOOK", .right), ("WHAT", .left), ("BY", .left)])
        for entry in timeline.entries {
            table.add([TimeText.clock(entry.at, now: timeline.now), entry.stage?.rawValue ?? "", entry.duration.map(TimeText.length) ?? "", timeline.text(of: entry),
                       entry.worker?.text ?? ""])
        }
        let heading = "clip '\(TextTable.printable(timeline.clip))' in job \(timeline.job), at \(TimeText.clock(timeline.now, now: timeline.now))"
        return ([heading, table.rendered()] + timeline.gaps.map { "Not kept: " + TextTable.printable($0) }).joined(separator: "\n")
    }
}
