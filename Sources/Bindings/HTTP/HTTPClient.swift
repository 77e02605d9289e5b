import Synchronization

/// Sends HTTP requests. Connections are kept and used again; any number of requests may run at the same time, each on a
/// thread of its own.
///
/// Redirects are not followed: headers with keys would go along. Cancelling the task ends a request at once.
package final class HTTPClient: Sendable {
    private let idle = Mutex<[HTTPTransfer]>([])
    private let mostIdle = 8

    package init() {}

    /// Sends the request and collects the answer. Throws `HTTPError`.
    package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await withTransfer { try await $0.perform(request, streaming: nil) }
    }

    /// Hands the body over piece by piece; no more is read from the server than what `onBody` takes. Only if the status is
    /// accepted: an error's body is collected into the response. Throws `HTTPError`, or what `onBody` throws.
    package func download(
        _ request: HTTPRequest, accepting isAccepted: @escaping @Sendable (Int) -> Bool = { (200..<300).contains($0) },
        onBody: @escaping @Sendable ([UInt8]) async throws -> Void
    ) async throws -> HTTPResponse {
        let consumer = HTTPTransfer.Consumer(isAccepted: isAccepted, onBody: onBody)
        return try await withTransfer { try await $0.perform(request, streaming: consumer) }
    }

    private func withTransfer<R>(_ body: (HTTPTransfer) async throws -> R) async throws -> R {
        let transfer = try idle.withLock { $0.popLast() } ?? HTTPTransfer()
        defer {
            idle.withLock { if $0.count < mostIdle { $0.append(transfer) } }
        }
        return try await body(transfer)
    }
}
