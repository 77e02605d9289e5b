import CSystem
import Glibc

/// Waits until a process that need not be a child of ours is gone. Returns whether it is: `false` if the task was cancelled
/// first.
package func waitUntilGone(pid: Int32) async -> Bool {
    await blocking { flag in
        let number = cs_open_process(pid)
        guard number >= 0 else { return errno == ESRCH }
        let process = Descriptor(number)
        guard let pipe = try? Pipe() else { return false }
        let bell = pipe.reading
        let ring = pipe.writing.take()
        defer { close(ring) }
        flag.onRaise { Glibc.write(ring, "!", 1) }
        defer { flag.onRaise(nil) }
        var sources = [process.number, bell.number].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while poll(&sources, 2, -1) < 0 {}
        return sources[0].revents != 0
    }
}
