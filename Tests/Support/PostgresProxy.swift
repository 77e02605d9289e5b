import Dispatch
import Synchronization

/// Stands between a client and a PostgreSQL server, counts what the client says, and fails at the nth message.
package final class PostgresProxy: Sendable {
    package enum Trouble: Sendable, CaseIterable {
        /// The connection is cut before the server has heard the message.
        case cutBefore
        /// The server has heard it, and nobody hears the answer.
        case cutAfter
        /// From here on the server seems to hang: connections stay, new ones are accepted, and nobody ever answers.
        case hang
    }

    private struct State {
        var messages = 0
        var failing: (message: Int, trouble: Trouble)?
        var isHanging = false
        var hasFailed = false
    }

    private final class Shared: Sendable {
        let state = Mutex(State())

        var isHanging: Bool { state.withLock { $0.isHanging } }

        /// False when the connection is to be cut.
        func forward(_ message: [UInt8], to server: RawConnection) -> Bool {
            let (trouble, isHanging) = state.withLock { state -> (Trouble?, Bool) in
                state.messages += 1
                guard let failing = state.failing, failing.message == state.messages else { return (nil, state.isHanging) }
                state.hasFailed = true
                if failing.trouble == .hang { state.isHanging = true }
                return (failing.trouble, state.isHanging)
            }
            if !isHanging, trouble != .cutBefore { server.write(message) }
            return trouble != .cutBefore && trouble != .cutAfter
        }
    }

    private let shared: Shared
    private let listener: RawServer
    package var port: Int { listener.port }

    /// - Parameter port: of the server, on loopback.
    package init(to port: Int) throws {
        let shared = Shared()
        self.shared = shared
        listener = try RawServer { client, _ in
            guard let server = RawConnection(to: port) else { return }
            let answered = DispatchSemaphore(value: 0)
            DispatchQueue(label: "postgres proxy").async {
                while case let bytes = server.read(), !bytes.isEmpty {
                    if !shared.isHanging { client.write(bytes) }
                }
                // A server that hangs does not hang up either.
                if !shared.isHanging { client.end() }
                answered.signal()
            }
            var messages = FrontendMessages()
            while case let bytes = client.read(), !bytes.isEmpty {
                for message in messages.take(bytes) where !shared.forward(message, to: server) { client.end() }
            }
            server.end()
            answered.wait()
            server.close()
        }
    }

    /// What clients have said so far: logins, queries, parts of copies, goodbyes.
    package var messages: Int { shared.state.withLock { $0.messages } }

    /// Fails at a message counted from now.
    package func fail(atMessage number: Int, _ trouble: Trouble) {
        shared.state.withLock { state in
            state.failing = (state.messages + number, trouble)
            state.hasFailed = false
        }
    }

    package var hasFailed: Bool { shared.state.withLock { $0.hasFailed } }

    /// From here on everything goes through again.
    package func heal() {
        shared.state.withLock { state in
            state.failing = nil
            state.isHanging = false
        }
    }

    package func stop() { listener.stop() }
}

/// Cuts what a client sends into its messages: first a length and a login (or a request for TLS, or to cancel), then a type, a
/// length and the rest.
private struct FrontendMessages {
    private var waiting: [UInt8] = []
    private var isLoggedIn = false

    mutating func take(_ bytes: [UInt8]) -> [[UInt8]] {
        waiting += bytes
        var messages: [[UInt8]] = []
        while let length, waiting.count >= length {
            let message = Array(waiting[..<length])
            waiting.removeFirst(length)
            if !isLoggedIn { isLoggedIn = message.count >= 8 && message[4] == 0 && message[5] == 3 }
            messages.append(message)
        }
        return messages
    }

    /// Bytes of the next message, once they are known.
    private var length: Int? {
        let start = isLoggedIn ? 1 : 0
        guard waiting.count >= start + 4 else { return nil }
        return start + waiting[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    }
}
