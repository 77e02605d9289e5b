// Brings the kinds of sockets: without it the compiler finds them or not, depending on which files it takes together.
import CSystem
import Dispatch
import Glibc
import Synchronization

/// Turns a host name into addresses within a deadline.
///
/// libpq looks names up with a call that blocks for as long as the resolver likes. Here it runs on a thread of its own, which
/// is left behind when nobody waits any longer, and libpq is given addresses.
enum HostLookup {
    static func addresses(of host: String, until end: ContinuousClock.Instant, unless isCancelled: () -> Bool) throws(PostgresError)
        -> [String]
    {
        let answer = Answer()
        BlockingThreads.shared.run { answer.give(ask(host)) }
        while answer.given.wait(timeout: .now() + .milliseconds(25)) == .timedOut {
            if isCancelled() { throw PostgresError(.cancelled, "cancelled while looking up \(host)") }
            if ContinuousClock.now >= end { throw PostgresError(.noAnswer, "no answer from the name service about \(host)") }
        }
        switch answer.value {
        case .success(let addresses): return addresses
        case .failure(let error): throw error
        }
    }

    private final class Answer: Sendable {
        let given = DispatchSemaphore(value: 0)
        private let result = Mutex<Result<[String], PostgresError>>(.success([]))

        var value: Result<[String], PostgresError> { result.withLock { $0 } }

        func give(_ value: Result<[String], PostgresError>) {
            result.withLock { $0 = value }
            given.signal()
        }
    }

    private static func ask(_ host: String) -> Result<[String], PostgresError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &found)
        guard code == 0 else {
            return .failure(PostgresError(.unreachable, "cannot find host \"\(host)\": \(String(cString: gai_strerror(code)))"))
        }
        defer { freeaddrinfo(found) }
        var addresses: [String] = []
        var entry = found
        while let current = entry?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(current.ai_addr, current.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                let address = text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
                if !addresses.contains(address) { addresses.append(address) }
            }
            entry = current.ai_next
        }
        return .success(addresses)
    }
}
