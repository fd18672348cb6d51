import CLibAV

/// The packets of one stream, in decode order: first those that a look ahead has kept, then those that are still in the file.
/// Not for several threads at once. Frees what it keeps in `deinit`.
final class PacketQueue {
    /// What a look ahead may keep in memory: a minute of high quality. It goes on without keeping.
    private static let maximumKeptBytes = 12 << 20
    /// What a packet takes beside its bytes, about.
    private static let packetOverhead = 512

    let input: MediaInput
    private let streamIndex: Int32
    private var kept: [UnsafeMutablePointer<AVPacket>] = []
    private var keptBytes = 0
    private var next = 0
    /// Packets read from the file, and whether one of them was let go.
    private var packets = 0
    private var hasLetGo = false
    private var ending: MediaInput.Reading?

    init(input: MediaInput, streamIndex: Int) {
        self.input = input
        self.streamIndex = Int32(streamIndex)
    }

    deinit {
        for packet in kept {
            var freed: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&freed)
        }
    }

    enum Reading {
        case packet
        case end
        case broken(String)
        /// The limit of packets is reached.
        case tooMany
    }

    /// Whether the packets from the first to the last can be read (again).
    var canRewind: Bool { !hasLetGo }

    /// The next `next(into:)` reads the first kept packet.
    func rewind() { next = 0 }

    /// The next packet, for the caller to unreference.
    func next(into packet: UnsafeMutablePointer<AVPacket>) throws(MediaError) -> Reading {
        if next < kept.count {
            guard av_packet_ref(packet, kept[next]) >= 0 else { throw .outOfMemory(input.path) }
            next += 1
            return .packet
        }
        let reading = try read(into: packet)
        // A packet that is not kept is gone: there is no way back over it.
        if case .packet = reading { hasLetGo = true }
        return reading
    }

    /// The next packet of the file, which the queue keeps when there is room and it is wanted. For the caller to unreference.
    func lookAhead(into packet: UnsafeMutablePointer<AVPacket>, isWanted: (UnsafeMutablePointer<AVPacket>) -> Bool) throws(MediaError) -> Reading {
        let reading = try read(into: packet)
        guard case .packet = reading else { return reading }
        let size = Int(packet.pointee.size) + Self.packetOverhead
        guard !hasLetGo, keptBytes + size <= Self.maximumKeptBytes, isWanted(packet) else {
            hasLetGo = true
            return reading
        }
        guard let copy = av_packet_clone(packet) else { throw .outOfMemory(input.path) }
        kept.append(copy)
        keptBytes += size
        return reading
    }

    /// How many packets are kept, from the first on.
    var keptCount: Int { kept.count }

    private func read(into packet: UnsafeMutablePointer<AVPacket>) throws(MediaError) -> Reading {
        if let ending {
            if case .broken(let problem) = ending { return .broken(problem) }
            return .end
        }
        while true {
            switch try input.read(into: packet) {
            case .packet:
                guard packet.pointee.stream_index == streamIndex else {
                    av_packet_unref(packet)
                    continue
                }
                packets += 1
                guard packets <= input.limits.maximumPackets else {
                    av_packet_unref(packet)
                    return .tooMany
                }
                return .packet
            case .end:
                ending = .end
                return .end
            case .broken(let problem):
                ending = .broken(problem)
                return .broken(problem)
            }
        }
    }
}
