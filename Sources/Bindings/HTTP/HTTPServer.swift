import CMicroHTTPD
import CSystem
import Dispatch
import Synchronization

/// A small HTTP server on loopback, for the demo's application and for tests.
///
/// Every connection has a thread, so a handler may block. Stops when it is let go of; a handler that never returns holds that
/// up for ever.
package final class HTTPServer: Sendable {
    /// 0 for a server on a Unix socket.
    package let port: Int
    private let daemon: Mutex<Daemon?>

    /// PEM texts.
    package struct Certificate: Sendable {
        let certificate: String
        let key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Serves on 127.0.0.1; port 0 picks a free one. A request with a larger body than `bodyLimit` bytes is answered with 413.
    package convenience init(
        port: Int = 0, certificate: Certificate? = nil, bodyLimit: Int = 16 << 20,
        handler: @escaping @Sendable (HTTPServerRequest) -> HTTPServerResponse
    ) throws {
        try self.init(try ListeningSocket(port: port), certificate, bodyLimit, handler)
    }

    /// The same with a handler that is a task; the connection's thread waits for it.
    package convenience init(
        port: Int = 0, certificate: Certificate? = nil, bodyLimit: Int = 16 << 20,
        asyncHandler: @escaping @Sendable (HTTPServerRequest) async -> HTTPServerResponse
    ) throws {
        try self.init(port: port, certificate: certificate, bodyLimit: bodyLimit) { request in waiting { await asyncHandler(request) } }
    }

    /// Serves on a socket in the file system, which must not be there yet. The file stays.
    package convenience init(
        unixSocket path: String, bodyLimit: Int = 16 << 20, handler: @escaping @Sendable (HTTPServerRequest) -> HTTPServerResponse
    ) throws {
        try self.init(try ListeningSocket(path: path), nil, bodyLimit, handler)
    }

    private init(
        _ socket: consuming ListeningSocket, _ certificate: Certificate?, _ bodyLimit: Int,
        _ handler: @escaping @Sendable (HTTPServerRequest) -> HTTPServerResponse
    ) throws {
        port = socket.port
        let site = HTTPSite(bodyLimit: bodyLimit, handler: handler)
        daemon = Mutex(try Daemon(socket, certificate, site))
    }

    /// Closes all connections and returns when no handler runs any more. Stopping again does nothing.
    package func stop() async {
        await blocking { _ in self.stopNow() }
    }

    private func stopNow() {
        let daemon = daemon.withLock { $0.take() }
        daemon?.stop()
    }

    deinit { stopNow() }

    /// Owns `MHD_Daemon *` and what its callbacks use.
    private struct Daemon: @unchecked Sendable {
        private let pointer: OpaquePointer
        private let site: HTTPSite

        init(_ socket: consuming ListeningSocket, _ certificate: Certificate?, _ site: HTTPSite) throws {
            let context = Unmanaged.passUnretained(site).toOpaque()
            let pointer = http_server_start(
                socket.descriptor, certificate?.certificate, certificate?.key,
                { context, connection, path, method, _, bytes, count, request in
                    guard let context, let connection, let path, let method, let count, let request else { return .NO }
                    let site = Unmanaged<HTTPSite>.fromOpaque(context).takeUnretainedValue()
                    let piece = UnsafeRawBufferPointer(start: bytes, count: count.pointee)
                    let call = HTTPSite.Call(connection: connection, method: String(cString: method), path: String(cString: path))
                    defer { count.pointee = 0 }
                    return site.answer(call, piece, &request.pointee) ? .YES : .NO
                },
                { _, _, request, _ in
                    guard let pending = request?.pointee else { return }
                    Unmanaged<HTTPSite.Pending>.fromOpaque(pending).release()
                    request?.pointee = nil
                }, context)
            guard let pointer else { throw HTTPServerError(what: "the HTTP server did not start") }
            socket.release()
            self.pointer = pointer
            self.site = site
        }

        func stop() { MHD_stop_daemon(pointer) }
    }
}

/// Why a server could not start.
package struct HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(what: String) { description = what }
}

/// Waits for a task on a thread that is not one of the cooperative pool's.
private func waiting(_ body: @escaping @Sendable () async -> HTTPServerResponse) -> HTTPServerResponse {
    let done = DispatchSemaphore(value: 0)
    let answer = Answer()
    Task.detached {
        let response = await body()
        answer.value.withLock { $0 = response }
        done.signal()
    }
    done.wait()
    return answer.value.withLock { $0 }
}

private final class Answer: Sendable {
    let value = Mutex(HTTPServerResponse(500))
}
