import FaultStages
import FleetModel
import Foundation
import Glibc
import Synchronization

/// A bad network in a process: packets that enter one device leave the other later, or never.
///
/// Both ends are TUN devices, which the tests put into network namespaces of their own. Where a kernel has no `netem`, this is what there is; and its losses
/// are drawn from a seed. SIGUSR1 cuts the line, SIGUSR2 mends it, and ends loss and delay. Ends with its parent, or on SIGTERM.
struct Relay {
    private let plan: RelayPlan
    private static let packetLimit = 65_536
    /// What may be on the way at once in one direction; more is lost, as in any queue.
    private static let queueLimit = 10_000

    private struct Packet {
        var due: UInt64
        var bytes: [UInt8]
    }

    init(_ plan: RelayPlan) { self.plan = plan }

    func run() throws {
        let devices = try plan.devices.map(Self.openDevice)
        let line = Line()
        let sources = line.listen()
        defer { sources.forEach { $0.cancel() } }
        // Read by the test: from here on the devices can be moved.
        FileHandle.standardError.write(Data("relay: ready\n".utf8))
        let parent = getppid()
        var chance = SeededChance(plan.seed)
        var queues: [[Packet]] = [[], []]
        var buffer = [UInt8](repeating: 0, count: Self.packetLimit)
        while getppid() == parent, !line.isOver {
            let before = Self.now
            let wait = queues.compactMap(\.first?.due).min().map { Int32(clamping: ($0 > before ? $0 - before : 0) / 1_000_000) } ?? 20
            var polled = devices.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            _ = poll(&polled, nfds_t(polled.count), min(wait, 20))
            let isCut = line.isCut, isGood = line.isGood
            if isCut { queues = [[], []] }
            for side in 0...1 where polled[side].revents != 0 {
                // Until the device has no more: it does not block.
                while case let count = read(devices[side], &buffer, buffer.count), count > 0 {
                    guard !isCut, queues[side].count < Self.queueLimit, isGood || chance.below(1000) >= plan.lossPerMille else { continue }
                    queues[side].append(Packet(due: Self.now + (isGood ? 0 : UInt64(plan.delayMilliseconds) * 1_000_000), bytes: Array(buffer[..<count])))
                }
            }
            let now = Self.now
            for side in 0...1 {
                let due = queues[side].prefix { $0.due <= now }
                for packet in due { _ = write(devices[1 - side], packet.bytes, packet.bytes.count) }
                queues[side].removeFirst(due.count)
            }
        }
    }

    /// Nanoseconds of the monotonic clock.
    private static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// A device of whole IP packets. It stays this process's when it is moved to another namespace, and goes with it.
    private static func openDevice(_ name: String) throws -> Int32 {
        let device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard device >= 0 else { throw FleetError("relay.device", "/dev/net/tun cannot be opened: \(String(cString: strerror(errno)))") }
        // struct ifreq: 16 bytes of name, then the flags IFF_TUN | IFF_NO_PI.
        var request = [UInt8](repeating: 0, count: 40)
        for (index, byte) in name.utf8.prefix(15).enumerated() { request[index] = byte }
        request[16] = 0x01
        request[17] = 0x10
        let setInterface: UInt = 0x4004_54ca
        guard ioctl(device, setInterface, &request) == 0 else { throw FleetError("relay.device", "the device \(name) cannot be made: \(String(cString: strerror(errno)))") }
        return device
    }
}

/// Whether the line stands, as signals say.
private final class Line: Sendable {
    private let state = Mutex((isCut: false, isGood: false, isOver: false))

    var isCut: Bool { @inline(never) get { state.withLock { $0.isCut } } }
    /// Whether it was mended.
    var isGood: Bool { @inline(never) get { state.withLock { $0.isGood } } }
    var isOver: Bool { @inline(never) get { state.withLock { $0.isOver } } }

    func listen() -> [any DispatchSourceSignal] {
        [SIGUSR1, SIGUSR2, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { self.take(number) }
            source.activate()
            return source
        }
    }

    @inline(never)
    private func take(_ number: Int32) {
        state.withLock { state in
            switch number {
            case SIGUSR1: state.isCut = true
            case SIGUSR2: (state.isCut, state.isGood) = (false, true)
            default: state.isOver = true
            }
        }
        FileHandle.standardError.write(Data("relay: \(number == SIGUSR1 ? "cut" : "mended")\n".utf8))
    }
}
