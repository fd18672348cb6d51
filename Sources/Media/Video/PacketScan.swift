import CLibAV

/// One pass over a stream's packets, ahead of decoding: their time stamps, and what their first bytes say.
///
/// Takes memory for packets that are there, never for what a header declares.
struct PacketScan {
    let queue: PacketQueue
    let inspector: PacketInspector
    let secondsPerTick: Double
    /// Media time that is looked at.
    let maximumSeconds: Double
    /// Packets that are decoded later than this are not needed again; nil when all are.
    let lastNeededSeconds: Double?

    /// - Throws: `media.deadline`, `media.limit_exceeded`, `media.out_of_memory`.
    /// - Returns: all packets in decode order, up to the first past `maximumSeconds`; or why no plan can be made from them.
    func packets() throws(MediaError) -> Result<[FramePlan.Packet], FramePlan.Refusal> {
        guard let packet = av_packet_alloc() else { throw .outOfMemory(queue.input.path) }
        defer {
            var freed: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&freed)
        }
        var found: [FramePlan.Packet] = []
        var lastDecodeStamp: Int64?
        // Of the first shown packet: not after the last needed one, and not before the first displayed frame.
        var firstStamp: Int64?
        while true {
            let base = firstStamp
            let reading = try queue.lookAhead(into: packet) { packet in
                guard let lastNeededSeconds, let base, let decodeStamp = packet.decodeStamp else { return true }
                return (Double(decodeStamp) - Double(base)) * secondsPerTick <= lastNeededSeconds
            }
            switch reading {
            case .end: return .success(found)
            case .broken: return .failure(.unclearPackets)
            case .tooMany: return .failure(.tooManyPackets)
            case .packet: break
            }
            defer { av_packet_unref(packet) }
            guard packet.pointee.flags & AV_PKT_FLAG_CORRUPT == 0, let data = packet.pointee.data, packet.pointee.size > 0 else {
                return .failure(.unclearPackets)
            }
            guard packet.pointee.pts != mv_no_timestamp() else { return .failure(.missingStamps) }
            // A packet's data holds `size` bytes as long as it is referenced.
            let finding = inspector.inspect(UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size)), isKey: packet.pointee.flags & AV_PKT_FLAG_KEY != 0)
            guard finding != .unclear else { return .failure(.unclearPackets) }
            let isShown = finding != .hidden && packet.pointee.flags & AV_PKT_FLAG_DISCARD == 0
            found.append(FramePlan.Packet(stamp: packet.pointee.pts, isShown: isShown, isStart: finding == .start,
                                          isReferenced: finding != .unreferenced, size: packet.pointee.size))
            if isShown, firstStamp == nil { firstStamp = packet.pointee.pts }
            if let decodeStamp = packet.decodeStamp {
                guard lastDecodeStamp.map({ $0 <= decodeStamp }) ?? true else { return .failure(.disorder) }
                lastDecodeStamp = decodeStamp
                // No picture is shown before it is decoded: what is past the limit here stays past it.
                if let firstStamp, (Double(decodeStamp) - Double(firstStamp)) * secondsPerTick > maximumSeconds { return .success(found) }
            }
        }
    }
}

extension UnsafeMutablePointer<AVPacket> {
    fileprivate var decodeStamp: Int64? { pointee.dts == mv_no_timestamp() ? nil : pointee.dts }
}
