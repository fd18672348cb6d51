import CLibAV
import Synchronization

/// The hardware devices of one process, opened when the first video could use them and kept. One that cannot be opened is not tried again.
public final class HardwareDevices: Sendable {
    private let decoders: [HardwareDecoder]
    private let open: @Sendable (HardwareDecoder) -> Result<HardwareDevice, HardwareAbsence>
    private let opened = Mutex<[HardwareDecoder: Result<HardwareDevice, HardwareAbsence>]>([:])

    /// Opens nothing yet.
    ///
    /// - Parameter decoders: in the order in which they are tried.
    public convenience init(_ decoders: [HardwareDecoder]) {
        self.init(decoders, opening: HardwareDevice.open)
    }

    /// - Parameters:
    ///   - decoders: in the order in which they are tried.
    ///   - open: called at most once for each.
    package init(_ decoders: [HardwareDecoder], opening open: @escaping @Sendable (HardwareDecoder) -> Result<HardwareDevice, HardwareAbsence>) {
        self.decoders = decoders
        self.open = open
    }

    /// Why a device cannot be used, in the words of FFmpeg or the driver; nil where it opens. Opens it.
    public func absence(of decoder: HardwareDecoder) -> String? {
        guard case .failure(let absence) = device(decoder) else { return nil }
        return absence.reason
    }

    /// The first device that FFmpeg knows for the codec and that opens.
    func device(for codec: AVCodecID) -> HardwareDevice? {
        for decoder in decoders where decoder.codec(for: codec) != nil {
            if case .success(let device) = device(decoder) { return device }
        }
        return nil
    }

    /// Opened under the lock: another thread waits for it, and does not open a second.
    private func device(_ decoder: HardwareDecoder) -> Result<HardwareDevice, HardwareAbsence> {
        opened.withLock { opened in
            if let known = opened[decoder] { return known }
            let result = open(decoder)
            opened[decoder] = result
            return result
        }
    }
}
