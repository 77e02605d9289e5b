import CSystem
import Glibc

/// A port of our 127.0.0.1 whose connections go on to a port of 127.0.0.1 in another network namespace: how we reach a server in a
/// container that nobody else can reach, and that reaches nobody.
package final class LoopbackRelay: Sendable {
    /// Ours, chosen by the system.
    package let port: Int
    private let stopping: WakePipe
    private let thread: OwnThread

    /// Throws when we may not enter the namespace: that takes root (CAP_SYS_ADMIN) on the machine itself.
    package init(into namespace: NetworkNamespace, port: Int) throws(ErrorNumber) {
        guard let inner = SocketAddress("127.0.0.1", port: UInt16(clamping: port)) else { throw ErrorNumber(EINVAL) }
        guard let listener = try? ListeningSocket(port: 0) else { throw .last }
        self.port = listener.port
        guard cs_set_nonblocking(listener.descriptor) == 0 else { throw .last }
        let stopping = try WakePipe()
        self.stopping = stopping
        guard namespace.canBeEntered else { throw ErrorNumber(EPERM) }
        let path = namespace.path
        let listening = listener.descriptor
        listener.release()
        do throws(ErrorNumber) {
            thread = try OwnThread.start {
                defer { close(listening) }
                guard (try? NetworkNamespace.enter(path)) != nil else { return }
                var loop = RelayLoop(listener: listening, stopping: stopping.reading, target: inner)
                loop.run()
            }
        } catch {
            close(listening)
            throw error
        }
    }

    /// Ends all connections. Returns when nobody can connect any more.
    deinit {
        stopping.wake()
        thread.join()
    }
}

/// Wakes a thread that polls.
final class WakePipe: Sendable {
    let reading: Int32
    private let writing: Int32

    init() throws(ErrorNumber) {
        let pipe = try Pipe()
        let ends = pipe.take()
        (reading, writing) = ends
    }

    deinit {
        close(reading)
        close(writing)
    }

    func wake() {
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }
}
