import CSystem
import Glibc

/// Carries bytes between pairs of connections, on one thread, until it is told to stop.
struct RelayLoop {
    private let listener: Int32
    private let stopping: Int32
    private let target: SocketAddress
    private var pairs: [RelayPair] = []
    /// Set while this process has no descriptor left for another connection: whoever knocks would be reported over and over.
    private var isFull = false

    /// How long to wait for a descriptor to come free.
    private static let pause: Int32 = 100

    init(listener: Int32, stopping: Int32, target: SocketAddress) {
        self.listener = listener
        self.stopping = stopping
        self.target = target
    }

    mutating func run() {
        while true {
            var waiting = [
                pollfd(fd: stopping, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isFull ? -1 : listener, events: Int16(POLLIN), revents: 0),
            ]
            for pair in pairs { waiting += pair.interests }
            guard poll(&waiting, nfds_t(waiting.count), isFull ? Self.pause : -1) >= 0 || errno == EINTR else { return }
            if waiting[0].revents != 0 { return }
            for (index, pair) in pairs.enumerated() {
                pair.proceed(outer: waiting[2 + 2 * index].revents, inner: waiting[3 + 2 * index].revents)
            }
            pairs.removeAll { $0.isDone }
            if waiting[1].revents != 0 || isFull { accept() }
        }
    }

    private mutating func accept() {
        isFull = false
        while true {
            let number = cs_accept(listener)
            guard number >= 0 else {
                isFull = [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno)
                return
            }
            let outer = TCPSocket(number)
            // Whom we cannot connect sees its connection end.
            guard let inner = try? target.startConnecting() else { continue }
            pairs.append(RelayPair(outer: outer, inner: inner))
        }
    }
}

/// Two connections whose bytes are handed across.
final class RelayPair {
    private let outer: TCPSocket
    private let inner: TCPSocket
    private var inward = RelayDirection()
    private var outward = RelayDirection()
    private var isBroken = false

    init(outer: consuming TCPSocket, inner: consuming TCPSocket) {
        for socket in [outer.number, inner.number] {
            var yes: Int32 = 1
            setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        self.outer = outer
        self.inner = inner
    }

    var isDone: Bool { isBroken || (inward.isDone && outward.isDone) }

    /// What to wait for on the outer and the inner connection.
    var interests: [pollfd] {
        [
            interest(outer.number, reads: inward.wantsMore, writes: outward.hasBytes),
            interest(inner.number, reads: outward.wantsMore, writes: inward.hasBytes),
        ]
    }

    private func interest(_ number: Int32, reads: Bool, writes: Bool) -> pollfd {
        // One without any interest is left out: its end would be reported over and over.
        pollfd(fd: reads || writes ? number : -1, events: Int16(reads ? POLLIN : 0) | Int16(writes ? POLLOUT : 0), revents: 0)
    }

    func proceed(outer events: Int16, inner innerEvents: Int16) {
        let trouble = Int16(POLLERR | POLLNVAL)
        if events & trouble != 0 || innerEvents & trouble != 0 {
            isBroken = true
            return
        }
        let ends = Int16(POLLIN | POLLHUP)
        if events & ends != 0 { isBroken = !inward.fill(from: outer.number) || isBroken }
        if innerEvents & ends != 0 { isBroken = !outward.fill(from: inner.number) || isBroken }
        isBroken = !inward.drain(to: inner.number) || isBroken
        isBroken = !outward.drain(to: outer.number) || isBroken
    }
}

/// One direction: what has been read and not yet written.
private struct RelayDirection {
    private var buffer = [UInt8](repeating: 0, count: 128 << 10)
    private var start = 0
    private var end = 0
    private var sourceEnded = false
    private(set) var isDone = false

    var hasBytes: Bool { start < end }
    var wantsMore: Bool { !sourceEnded && !hasBytes }

    /// False: the connection broke.
    mutating func fill(from socket: Int32) -> Bool {
        guard wantsMore else { return true }
        let count = buffer.withUnsafeMutableBytes { read(socket, $0.baseAddress, $0.count) }
        if count > 0 { (start, end) = (0, count) } else if count == 0 { sourceEnded = true } else { return Self.isPatience }
        return true
    }

    /// False: the connection broke.
    mutating func drain(to socket: Int32) -> Bool {
        while hasBytes {
            let count = buffer.withUnsafeBytes { send(socket, $0.baseAddress.map { $0 + start }, end - start, Int32(MSG_NOSIGNAL)) }
            guard count >= 0 else { return Self.isPatience }
            start += count
        }
        if sourceEnded && !isDone {
            isDone = true
            shutdown(socket, Int32(SHUT_WR))
        }
        return true
    }

    /// Nothing is wrong; it only does not go on yet.
    private static var isPatience: Bool { errno == EAGAIN || errno == EINTR }
}
