import CCurl

/// Owns `CURLM *`: what waits for the network, and keeps connections.
///
/// One transfer at a time runs in it. It is used for one thing that a simple transfer lacks: it can be woken, so that
/// cancelling does not wait for the next byte.
final class CurlMulti: Sendable {
    // Used from one thread at a time, but for `wake`, which libcurl allows from any.
    nonisolated(unsafe) let pointer: OpaquePointer

    init?() {
        guard Self.libraryIsReady, let pointer = curl_multi_init() else { return nil }
        self.pointer = OpaquePointer(pointer)
    }

    deinit { curl_multi_cleanup(UnsafeMutableRawPointer(pointer)) }

    func wake() { curl_multi_wakeup(UnsafeMutableRawPointer(pointer)) }

    private static let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}
