import Foundation
import Glibc

/// Processor time and memory of processes, as `/proc` tells them.
struct ProcessUsage: Sendable {
    /// User and system time together.
    var cpuSeconds: Double

    static func - (later: ProcessUsage, earlier: ProcessUsage) -> ProcessUsage { ProcessUsage(cpuSeconds: later.cpuSeconds - earlier.cpuSeconds) }

    static var ofThisProcess: ProcessUsage {
        let usage = resourceUsage
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return ProcessUsage(cpuSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
    }

    /// The most memory that this process has held.
    static var peakResidentBytes: Int { resourceUsage.ru_maxrss * 1024 }

    /// What this process holds now; 0 where `/proc` does not say.
    static var residentBytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8), let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return 0 }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static var resourceUsage: rusage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage
    }

    /// A process with all that descend from it, those that have ended and were waited for included.
    static func ofTree(_ root: Int32) -> ProcessUsage {
        var children: [Int32: [Int32]] = [:]
        var ticks: [Int32: Int] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(name), let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let closing = stat.lastIndex(of: ")") else { continue }
            // After the name: state, parent, …; user, system, and both again of waited-for children, in fields 12 to 15.
            let fields = stat[stat.index(after: closing)...].split(separator: " ")
            guard fields.count > 14, let parent = Int32(fields[1]) else { continue }
            children[parent, default: []].append(pid)
            ticks[pid] = fields[11...14].reduce(0) { $0 + (Int($1) ?? 0) }
        }
        var sum = 0
        var open = [root]
        while let pid = open.popLast() {
            sum += ticks[pid] ?? 0
            open += children[pid] ?? []
        }
        return ProcessUsage(cpuSeconds: Double(sum) / Double(max(1, sysconf(Int32(_SC_CLK_TCK)))))
    }
}
