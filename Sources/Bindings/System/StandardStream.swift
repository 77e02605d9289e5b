import CSystem
import Glibc

/// Our own standard streams.
package enum StandardStream: Int32, Sendable {
    case input = 0
    case output = 1
    case errors = 2

    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Columns of the terminal, `nil` if it is none.
    package var columns: Int? {
        let columns = cs_terminal_columns(rawValue)
        return columns > 0 ? Int(columns) : nil
    }

    /// Writes all of it. Throws with `EPIPE` when nobody reads any more (see `ThisProcess.prepare`).
    package func write(_ bytes: [UInt8]) throws(ErrorNumber) {
        let failure = bytes.withUnsafeBytes { buffer -> ErrorNumber? in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(rawValue, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // Somebody shares the terminal and made it non-blocking.
                    var source = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                    poll(&source, 1, -1)
                } else if errno != EINTR {
                    return .last
                }
            }
            return nil
        }
        if let failure { throw failure }
    }

    package func write(_ text: String) throws(ErrorNumber) { try write(Array(text.utf8)) }

    /// One line from standard input without its line feed, `nil` at the end. Reads not a byte more than that line.
    /// Throws `CancellationError` when the task is cancelled meanwhile, and `EMSGSIZE` after 64 KiB without a line feed.
    package static func readLine() async throws -> String? {
        try await blocking { flag in try readLine(from: StandardStream.input.rawValue, flag) }
    }

    static func readLine(from descriptor: Int32, _ flag: CancellationFlag) throws -> String? {
        let pipe = try Pipe()
        let bell = pipe.reading
        let ring = pipe.writing.take()
        defer { close(ring) }
        flag.onRaise { _ = Glibc.write(ring, "!", 1) }
        defer { flag.onRaise(nil) }

        var line: [UInt8] = []
        var sources = [descriptor, bell.number].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while line.count < 64 << 10 {
            if poll(&sources, 2, -1) < 0 { continue }
            try flag.check()
            guard sources[0].revents != 0 else { continue }
            var byte: UInt8 = 0
            let count = read(descriptor, &byte, 1)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count < 0 { throw ErrorNumber.last }
            if count == 0 { return line.isEmpty ? nil : String(decoding: line, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        throw ErrorNumber(EMSGSIZE)
    }
}
