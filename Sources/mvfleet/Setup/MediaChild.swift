import Fleet
import Foundation
import Media
import Stages

/// What this program is when a worker starts it to decode media: requests in, answers out, nothing else.
enum MediaChild {
    static let name = "media-child"
    /// Before the name of a ``HardwareDecoding``.
    static let hardwareOption = "--hardware-decoding="

    /// - Parameter arguments: what follows the name. Only a worker writes them.
    static func run(_ arguments: some Sequence<String>) -> Int32 {
        let asked = arguments.first { $0.hasPrefix(hardwareOption) }.flatMap { HardwareDecoding(rawValue: String($0.dropFirst(hardwareOption.count))) }
        let hardware = asked ?? .off
        do {
            try ChildServer(handlers: ChildHandler.media(hardware: hardware) + [ChildrenBench.Request.answering],
                            limits: hardware == .off ? ChildLimits() : .usingHardware).run()
            return 0
        } catch {
            FileHandle.standardError.write(Data("mvfleet media-child: \(error)\n".utf8))
            return 1
        }
    }
}
