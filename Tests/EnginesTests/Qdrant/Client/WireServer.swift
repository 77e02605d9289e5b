import Bindings
import Recovery
import Synchronization
import TestSupport

@testable import Engines

/// A server on loopback that answers as a test says, to the byte, and remembers what it was asked.
final class WireServer: Sendable {
    struct Request: Sendable {
        /// Of the connection, from 0.
        let connection: Int
        let method: String
        /// As it came, with its query.
        let target: String
        /// Lines behind the first, as they came.
        let headers: [String]
        /// Empty for large ones, which are hashed only.
        let body: [UInt8]
        let length: Int64
        let sha256: String

        var line: String { "\(method) \(target)" }
        var text: String { String(decoding: body, as: UTF8.self) }
        func header(_ name: String) -> String? {
            headers.first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { String($0.dropFirst(name.count + 1).drop(while: { $0 == " " })) }
        }
    }

    enum Answer: Sendable {
        case status(Int, headers: [String] = [], body: [UInt8] = [])
        /// Exactly these bytes; then the connection ends.
        case bytes([UInt8])
        /// The connection ends.
        case nothing
        /// Nothing, until the other side ends the connection.
        case silence

        static func json(_ result: String) -> Answer {
            .status(
                200, headers: ["Content-Type: application/json"], body: Array("{\"result\":\(result),\"status\":\"ok\",\"time\":0.1}".utf8))
        }
        static func text(_ text: String, status: Int = 200) -> Answer { .status(status, body: Array(text.utf8)) }
        static func error(_ status: Int, _ words: String) -> Answer {
            .text("{\"status\":{\"error\":\"\(words)\"},\"time\":0.1}", status: status)
        }
    }

    private let raw: RawServer
    private let seen: Seen
    var port: Int { raw.port }
    var connections: Int { raw.connections }
    var requests: [Request] { seen.requests.withLock { $0 } }
    var lines: [String] { requests.map(\.line) }

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
    }

    /// - Parameter onBody: told how much of a body has come, while it comes.
    init(onBody: @escaping @Sendable (Int64) -> Void = { _ in }, _ answer: @escaping @Sendable (Request) -> Answer) throws {
        let seen = Seen()
        self.seen = seen
        raw = try RawServer { connection, number in
            let wire = Wire(connection, onBody)
            while let request = wire.next(number) {
                seen.requests.withLock { $0.append(request) }
                guard wire.give(answer(request)) else { return }
            }
        }
    }

    /// Takes no more connections; those that are there stay.
    func stop() { raw.stop() }

    deinit { raw.stop() }

    func client(
        key: String? = nil, bearer: Bool = false, prefix: String? = nil, time: any TimeSource = InstantTime()
    ) -> QdrantClient { QdrantClient.testing(port: port, key: key, bearer: bearer, prefix: prefix, time: time) }

    /// One side of a connection. Used by its thread.
    private final class Wire {
        private let connection: RawConnection
        private let onBody: (Int64) -> Void
        private var rest: [UInt8] = []

        init(_ connection: RawConnection, _ onBody: @escaping (Int64) -> Void) {
            self.connection = connection
            self.onBody = onBody
        }

        func next(_ number: Int) -> Request? {
            let end = Array("\r\n\r\n".utf8)
            var head = rest
            var place = Self.find(end, in: head)
            while place == nil {
                let more = connection.read()
                guard !more.isEmpty else { return nil }
                head += more
                place = Self.find(end, in: head)
            }
            guard let place else { return nil }
            rest = Array(head[(place + end.count)...])
            let lines = String(decoding: head[..<place], as: UTF8.self).split(separator: "\r\n").map(String.init)
            let words = lines[0].split(separator: " ").map(String.init)
            let headers = Array(lines.dropFirst())
            let length =
                headers.first { $0.lowercased().hasPrefix("content-length:") }.flatMap { Int64($0.dropFirst(15).drop { $0 == " " }) } ?? 0
            if headers.contains(where: { $0.lowercased().hasPrefix("expect:") }) { connection.write("HTTP/1.1 100 Continue\r\n\r\n") }
            let digest = SHA256()
            var body: [UInt8] = []
            var count: Int64 = 0
            while count < length {
                let piece = rest.isEmpty ? connection.read() : rest
                rest = []
                guard !piece.isEmpty else { break }
                let own = piece.prefix(Int(length - count))
                rest = Array(piece.dropFirst(own.count))
                digest.update(own)
                count += Int64(own.count)
                onBody(count)
                if length < 16 << 20 { body += own }
            }
            return Request(
                connection: number, method: words[0], target: words[1], headers: headers, body: body, length: count,
                sha256: digest.hexDigest())
        }

        /// False when the connection is to end.
        func give(_ answer: Answer) -> Bool {
            switch answer {
            case .status(let status, let headers, let body):
                let lines = ["HTTP/1.1 \(status) So", "content-length: \(body.count)"] + headers
                connection.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
                return true
            case .bytes(let bytes):
                connection.write(bytes)
                return false
            case .nothing: return false
            case .silence:
                while !connection.read().isEmpty {}
                return false
            }
        }

        private static func find(_ needle: [UInt8], in bytes: [UInt8]) -> Int? {
            guard bytes.count >= needle.count else { return nil }
            return (0...(bytes.count - needle.count)).first { bytes[$0..<($0 + needle.count)].elementsEqual(needle) }
        }
    }
}

extension QdrantClient {
    static func testing(
        port: Int, key: String? = nil, bearer: Bool = false, prefix: String? = nil, scheme: String = "http", host: String = "127.0.0.1",
        options: [String: String] = [:], time: any TimeSource = InstantTime()
    ) -> QdrantClient {
        var all = options.merging([QdrantServer.Option.scheme: scheme]) { $1 }
        all[QdrantServer.Option.prefix] = prefix
        if bearer { all[QdrantServer.Option.bearer] = "yes" }
        let address = ServerAddress(host: host, port: port, user: nil, password: key.map { Secret($0) }, options: all)
        return QdrantClient(QdrantServer("vectors", at: address), http: HTTPClient(), time: time)
    }
}

/// What a call came to: a failure, whatever else it threw, or nothing.
func failureOf(_ body: () async throws -> Void) async -> Failure? {
    do {
        try await body()
        return nil
    } catch { return Failure.wrapping(error, while: "testing") }
}
