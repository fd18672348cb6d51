import Foundation
import Glibc

/// A process that cannot be mistaken for a later one with the same number: the start time tells them apart.
package struct ProcessIdentity: Hashable, Sendable {
    package var pid: Int32
    /// Clock ticks from the machine's start to the process's, field 22 of `/proc/PID/stat`.
    package var startTicks: UInt64

    package init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }
}

/// What `/proc` says about one process.
package struct ProcessSnapshot: Hashable, Sendable {
    package var identity: ProcessIdentity
    /// `R`, `S`, …; `Z` and `X` are dead.
    package var state: Character
    package var parent: Int32
    package var session: Int32
    package var userID: UInt32
    package var arguments: [String]

    package var isDead: Bool { state == "Z" || state == "X" || state == "x" }

    /// While a process executes the next program it has no command line for a moment.
    var isBetweenPrograms: Bool { arguments.allSatisfy(\.isEmpty) }

    /// Nil where no such process is, or it ended while it was being read.
    static func of(_ pid: Int32) -> Self? {
        guard pid > 0, let stat = try? SmallFile.read("/proc/\(pid)/stat", limit: 4096),
              var snapshot = parse(stat: stat), let command = try? SmallFile.read("/proc/\(pid)/cmdline", limit: 64 << 10),
              let owner = SmallFile.owner(of: "/proc/\(pid)")
        else { return nil }
        snapshot.arguments = command.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        snapshot.userID = owner.userID
        return snapshot
    }

    /// Reads `PID (name) S parent group session … start`; the name may hold spaces and parentheses, so the last `)` counts.
    package static func parse(stat: String) -> Self? {
        guard let open = stat.firstIndex(of: "("), let closing = stat.lastIndex(of: ")"), open < closing,
              let pid = Int32(stat[..<open].trimmingCharacters(in: .whitespaces)) else { return nil }
        let fields = stat[stat.index(after: closing)...].split(whereSeparator: \.isWhitespace)
        guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]), let session = Int32(fields[3]),
              let start = UInt64(fields[19]) else { return nil }
        return Self(identity: ProcessIdentity(pid: pid, startTicks: start), state: state, parent: parent, session: session,
                    userID: 0, arguments: [])
    }

    /// When the process started, by the machine's clock. Nil where `/proc/stat` does not say when the machine did.
    var startedAt: Date? {
        guard let stat = try? SmallFile.read("/proc/stat", limit: 1 << 20),
              let line = stat.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
              let booted = Double(line.dropFirst(6).trimmingCharacters(in: .whitespaces)) else { return nil }
        let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        return Date(timeIntervalSince1970: booted + Double(identity.startTicks) / ticksPerSecond)
    }
}

/// What a server's pid record turns out to be.
package enum ServerSighting: Hashable, Sendable {
    /// There is no record.
    case absent
    /// The process of the record is gone (or a zombie), or its number belongs to another program now.
    case dead(pid: Int32)
    case alive(ProcessSnapshot)

    /// - Parameters:
    ///   - record: what was written down when the server was started.
    ///   - snapshot: the process that has this number now.
    ///   - marker: arguments that follow each other in the server's command line and in no other's.
    ///   - userID: who the server runs as.
    package static func judge(record: ProcessIdentity?, snapshot: ProcessSnapshot?, marker: [String], userID: UInt32) -> Self {
        guard let record else { return .absent }
        guard let snapshot, !snapshot.isDead, snapshot.identity == record, snapshot.userID == userID,
              snapshot.arguments.containsSequence(marker) || snapshot.isBetweenPrograms else { return .dead(pid: record.pid) }
        return .alive(snapshot)
    }
}

extension [String] {
    func containsSequence(_ other: [String]) -> Bool {
        guard !other.isEmpty, count >= other.count else { return false }
        return (0 ... count - other.count).contains { Array(self[$0 ..< $0 + other.count]) == other }
    }
}
