import FaultStages
import Fleet
import FleetModel
import Foundation
import Glibc
import Ledger
import LocalServices
import PostgreSQL
import Testing

extension FleetFaults.OnServersThatSuffer {
    /// Disks that are full.
    @Suite(.timeLimit(Chaos.timeLimit), .enabled(if: SmallDisk.canMount, "this process may mount small file systems (root, with mount)"))
    struct DiskFaultTests {
        @Test func `blobs wait for room on their disk, and no task is lost for it`() async throws {
            try await FaultFleet.with({
                $0.batch = 4
                // They try again and again, as a fleet does until somebody has made room.
                $0.attempts = 1_000
            }) { fleet in
                let clips = 40
                try await SmallDisk.with(fleet.directory + "/blobs", megabytes: 1) { disk in
                    try fleet.startCoordinator()
                    let worker = try fleet.startWorker()
                    let job = try await fleet.submit(clips: clips, settings: [.root: FaultSettings(blobBytes: 256 << 10)])
                    try await eventually("some do not fit") {
                        try await fleet.pool.queryOne("SELECT count(*) FROM attempt WHERE code = 'blob.write'").int(0) > clips
                    }
                    fleet.injected()
                    #expect(worker.ending == nil)
                    try await disk.grow(megabytes: 64)
                    try await fleet.expectWhole(job, clips: clips)
                    let blobs = BlobStore(directory: disk.path)
                    for number in 0..<clips {
                        let name = Array("\(fleet.scope.output(of: .root, clip: FaultFleet.key("clip", number)))\n".utf8)
                        #expect(try blobs.get(Digest.of((0..<(256 << 10)).map { name[$0 % name.count] })).count == 256 << 10)
                    }
                }
            }
        }

        @Test(.enabled(if: Chaos.isWhole, "only under scripts/chaos"), .tags(.chaos))
        func `a database whose log has no room stops, and loses nothing that it has said`() async throws {
            try await FaultFleet.with { fleet in
                let clips = 3_000
                let data = try await fleet.servers.databaseDirectory()
                try fleet.startCoordinator()
                try fleet.startWorker()
                // Little is recycled ahead, so that new room is asked for soon.
                for statement in ["ALTER SYSTEM SET min_wal_size = '32MB'", "ALTER SYSTEM SET max_wal_size = '64MB'"] { try await fleet.servers.administer(statement) }
                try await fleet.servers.kill(.postgresql, SIGINT)
                try await fleet.servers.dropSpareSegments()
                try await SmallDisk.with(data + "/pg_wal", megabytes: 128, keepsContents: true) { disk in
                    try await fleet.servers.up()
                    let job = try await eventualAnswer(to: "a submission") { try await fleet.submit(clips: clips) }
                    try await eventually("a part is done") { try await fleet.done(job) > clips }
                    let filler = disk.path + "/filler"
                    try await Tool.run(["sh", "-c", "dd if=/dev/zero of='\(filler)' bs=64k 2>/dev/null; true"])
                    fleet.injected()
                    let postmaster = try await fleet.servers.pid(of: .postgresql)
                    // Segments that are there already are filled first: more than the fleet writes in a short time.
                    try await eventually("the log is full") {
                        do {
                            try await fleet.servers.administer("SELECT pg_switch_wal(); CREATE TABLE IF NOT EXISTS fill (t text); INSERT INTO fill SELECT repeat(md5(i::text), 20) FROM generate_series(1, 20000) i")
                            return false
                        } catch {
                            return kill(postmaster, 0) != 0 || "\(error)".contains("No space") || "\(error)".contains("connection") || "\(error)".contains("recovery")
                        }
                    }
                    unlink(filler)
                    // It recovers by itself now, unless the disk was still full when it tried.
                    try await eventually("the database is back", within: .seconds(120)) {
                        do {
                            try await fleet.servers.up()
                            return true
                        } catch is ServiceError {
                            return false
                        }
                    }
                    try await fleet.expectWhole(job, clips: clips, within: .seconds(180))
                    try await fleet.servers.administer("ALTER SYSTEM RESET ALL")
                    try await fleet.servers.kill(.postgresql, SIGINT)
                }
                try await fleet.servers.up()
            }
        }
    }
}

extension FaultServers {
    /// Takes away the segments of the log that those before have left for use to come. The database has ended in order.
    fileprivate func dropSpareSegments() async throws {
        let data = try await databaseDirectory(), bin = "/usr/lib/postgresql"
        let version = try String(contentsOfFile: data + "/PG_VERSION", encoding: .utf8).split(separator: "\n").first ?? ""
        let report = try await Tool.run(["\(bin)/\(version)/bin/pg_controldata", data])
        guard let line = report.split(separator: "\n").first(where: { $0.contains("REDO WAL file") }), let current = line.split(separator: " ").last else {
            throw Trouble(description: "pg_controldata names no segment: \(report)")
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: data + "/pg_wal") where name.count == 24 && name != current {
            try FileManager.default.removeItem(atPath: "\(data)/pg_wal/\(name)")
        }
    }
}

/// A file system of its own size at a path, for as long as it is needed.
struct SmallDisk: Sendable {
    let path: String

    static let canMount = Chaos.isRoot && access("/bin/mount", X_OK) == 0 && {
        // Being root in a container is not enough.
        let probe = NSTemporaryDirectory() + "/mvfleet-mount-\(UUID().uuidString)"
        guard mkdir(probe, 0o700) == 0 else { return false }
        defer { rmdir(probe) }
        guard mount("tmpfs", probe, "tmpfs", 0, "size=64k") == 0 else { return false }
        umount2(probe, Int32(2))
        return true
    }()

    /// - Parameter keepsContents: what is in the directory is moved onto the disk, and back again.
    static func with(_ path: String, megabytes: Int, keepsContents: Bool = false, _ body: (SmallDisk) async throws -> Void) async throws {
        var owner = stat()
        stat(path, &owner)
        let aside = path + ".aside"
        if keepsContents { try await Tool.run(["cp", "-a", path, aside]) }
        try await Tool.run(["mount", "-t", "tmpfs", "-o", "size=\(megabytes)m,mode=700,uid=\(owner.st_uid),gid=\(owner.st_gid)", "tmpfs", path])
        let result: Result<Void, any Error>
        do {
            if keepsContents { try await Tool.run(["cp", "-a", aside + "/.", path]) }
            try await body(SmallDisk(path: path))
            if keepsContents {
                try await Tool.run(["rm", "-rf", aside])
                try await Tool.run(["cp", "-a", path, aside])
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        // Lazily: whoever still has a file of it open must not keep it mounted.
        try await Tool.run(["umount", "-l", path])
        if keepsContents {
            try await Tool.run(["sh", "-c", "rm -rf '\(path)'/* && cp -a '\(aside)'/. '\(path)' && rm -rf '\(aside)'"])
        }
        try result.get()
    }

    func grow(megabytes: Int) async throws { try await Tool.run(["mount", "-o", "remount,size=\(megabytes)m", path]) }
}
