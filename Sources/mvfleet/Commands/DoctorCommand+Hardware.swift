import Fleet
import FleetModel
import Foundation
import Media
import Stages

extension DoctorCommand {
    /// Tries each hardware decoder in a child that is confined as those of a worker are. Never wrong: what does not work, software does.
    ///
    /// - Parameter wanted: what the configuration asks for.
    static func checkHardware(_ wanted: HardwareDecoding) async -> Check {
        do {
            let (warning, finding) = judge(try await hardwareFindings(), wanted)
            return Check(check: "hardware decoding", ok: true, warning: warning, finding: finding)
        } catch {
            let finding = "could not be tried, software decodes: \(ErrorText.describe(error))"
            return Check(check: "hardware decoding", ok: true, warning: wanted != .off, finding: finding)
        }
    }

    private static func hardwareFindings() async throws -> [HardwareFinding] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-doctor-\(UUID().uuidString).mp4")
        try HardwareProbeVideo.bytes.write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        var configuration = ChildProcessPool.Configuration.media(size: 1, hardware: .auto)
        // A child that dies of a driver is what is to be found out.
        configuration.spareArguments = nil
        return try await MediaRequests(children: ChildProcessPool(configuration), timeLimit: .seconds(30)).hardware(path.path)
    }

    private static func judge(_ findings: [HardwareFinding], _ wanted: HardwareDecoding) -> (warning: Bool, finding: String) {
        let each = findings.map { "\($0.decoder.rawValue) " + ($0.problem.map { "does not work (\($0))" } ?? "works") }.joined(separator: ", ")
        let works = findings.contains { $0.problem == nil && wanted.decoders.contains($0.decoder) }
        guard wanted != .off, !works else {
            return (false, "\(wanted.rawValue) (MVFLEET_HARDWARE_DECODING); \(each)")
        }
        return (true, "'\(wanted.rawValue)' is asked for (MVFLEET_HARDWARE_DECODING), and software decodes: \(each). For cuda install NVIDIA's driver with libnvcuvid, and give a container "
            + "the capability 'video'; for vaapi install a VA-API driver, and let this user open /dev/dri/renderD128; or turn it off")
    }
}
