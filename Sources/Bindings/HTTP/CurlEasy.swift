import CCurl
import CSystem

/// Owns `CURL *` for one request. The connections stay in the multi handle.
struct CurlEasy: ~Copyable {
    private let pointer: UnsafeMutableRawPointer
    private let multi: CurlMulti
    private let request: HTTPRequest
    private let exchange: HTTPExchange
    private let memory: Memory

    /// What libcurl reads while the request runs.
    private final class Memory {
        let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        var headers: UnsafeMutablePointer<curl_slist>?

        init() { words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE)) }

        deinit {
            words.deallocate()
            curl_slist_free_all(headers)
        }
    }

    init(_ request: HTTPRequest, _ exchange: HTTPExchange, in multi: CurlMulti) throws(HTTPError) {
        guard let pointer = curl_easy_init() else { throw HTTPError(.unreachable, "\(request): libcurl is out of memory") }
        self.pointer = pointer
        self.multi = multi
        self.request = request
        self.exchange = exchange
        memory = Memory()
    }

    deinit {
        curl_multi_remove_handle(UnsafeMutableRawPointer(multi.pointer), pointer)
        curl_easy_cleanup(pointer)
    }

    /// Sets the options. Nothing is sent before `proceed`.
    func start() throws(HTTPError) {
        try setUp()
        let code = curl_multi_add_handle(UnsafeMutableRawPointer(multi.pointer), pointer)
        guard code == CURLM_OK else { throw HTTPError(.protocolError, "\(request): \(String(cString: curl_multi_strerror(code)))") }
    }

    /// Does what can be done without waiting. False when there is nothing left to do.
    func proceed() throws(HTTPError) -> Bool {
        var running: Int32 = 0
        let code = curl_multi_perform(UnsafeMutableRawPointer(multi.pointer), &running)
        guard code == CURLM_OK else { throw HTTPError(.protocolError, "\(request): \(String(cString: curl_multi_strerror(code)))") }
        return running > 0
    }

    /// Until something happens on the network, a time of libcurl's own is over, or somebody wakes it.
    func wait() { curl_multi_poll(UnsafeMutableRawPointer(multi.pointer), nil, 0, 60_000, nil) }

    func unpause() throws(HTTPError) { try check(curl_easy_pause(pointer, CURLPAUSE_CONT)) }

    /// How it ended.
    func finish() throws {
        var left: Int32 = 0
        while let message = curl_multi_info_read(UnsafeMutableRawPointer(multi.pointer), &left) {
            guard message.pointee.msg == CURLMSG_DONE else { continue }
            let code = http_result(message)
            guard code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR, !exchange.bodyIsSent, exchange.failure == nil else {
                try check(code)
                continue
            }
            // The server closed in the middle of the body. What it said counts, not that it did not listen.
            guard exchange.headIsComplete else { throw BodyRefused(error: HTTPError(request, code, String(cString: memory.words))) }
        }
    }

    /// The server's reason, if it gave one, was lost with the connection.
    struct BodyRefused: Error { let error: HTTPError }

    private func check(_ code: CURLcode) throws(HTTPError) {
        if let failure = exchange.failure { throw failure }
        guard code == CURLE_OK else { throw HTTPError(request, code, String(cString: memory.words)) }
    }

    // MARK: Options

    private func setUp() throws(HTTPError) {
        try check(http_set_buffer(pointer, CURLOPT_ERRORBUFFER, memory.words))
        try set(CURLOPT_NOSIGNAL, 1)
        // Or a cancelled request would wait for the resolver's thread.
        try set(CURLOPT_QUICK_EXIT, 1)
        try set(CURLOPT_URL, request.url)
        try set(CURLOPT_PROTOCOLS_STR, "http,https")
        try set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        // Keys of object stores may contain "." and "..".
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_BUFFERSIZE, 64 << 10)
        // An empty name means none; without it libcurl would ask the environment.
        try set(CURLOPT_PROXY, request.proxy ?? "")
        try set(CURLOPT_NOPROXY, "")
        if let socket = request.unixSocket { try set(CURLOPT_UNIX_SOCKET_PATH, socket) }
        if let file = request.tls.caFile { try set(CURLOPT_CAINFO, file) }
        if let file = request.tls.certificate { try set(CURLOPT_SSLCERT, file) }
        if let file = request.tls.key { try set(CURLOPT_SSLKEY, file) }
        try set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds)
        // A request without a deadline would wait for ever for a host that has vanished.
        try set(CURLOPT_TCP_KEEPALIVE, 1)
        try set(CURLOPT_TCP_KEEPIDLE, 60)
        try set(CURLOPT_TCP_KEEPINTVL, 15)
        if let deadline = request.deadline { try set(CURLOPT_TIMEOUT_MS, deadline.milliseconds) }
        if let lowSpeed = request.lowSpeed {
            try set(CURLOPT_LOW_SPEED_LIMIT, lowSpeed.bytesPerSecond)
            try set(CURLOPT_LOW_SPEED_TIME, max(1, Int(lowSpeed.duration.components.seconds)))
        }
        // libcurl sends a request again, whatever its method, if a connection that it used before has died.
        if !request.isRepeatable { try set(CURLOPT_FRESH_CONNECT, 1) }
        try setMethod()
        try setHeaders()
        try setCallbacks()
    }

    private func setMethod() throws(HTTPError) {
        switch request.body {
        case .none where request.method == "HEAD": try set(CURLOPT_NOBODY, 1)
        case .none where !["POST", "PUT", "PATCH"].contains(request.method): break
        case .none: try setUpload(length: 0)
        case .bytes(let bytes): try setUpload(length: Int64(bytes.count))
        case .file(_, _, let length): try setUpload(length: length)
        case .framed: try setUpload(length: request.bodyLength)
        }
        try set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    private func setUpload(length: Int64) throws(HTTPError) {
        try set(CURLOPT_UPLOAD, 1)
        try check(http_set_offset(pointer, CURLOPT_INFILESIZE_LARGE, length))
        try set(CURLOPT_UPLOAD_BUFFERSIZE, 256 << 10)
    }

    private func setHeaders() throws(HTTPError) {
        // "Expect: 100-continue" costs a second with every server that does not know it.
        var lines = request.waitsBeforeBody ? [] : ["Expect:"]
        // To libcurl, a name with nothing behind the colon is a header to leave out.
        lines += request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        for line in lines {
            guard let list = curl_slist_append(memory.headers, line) else {
                throw HTTPError(.unreachable, "\(request): libcurl is out of memory")
            }
            memory.headers = list
        }
        try check(http_set_headers(pointer, memory.headers))
    }

    private func setCallbacks() throws(HTTPError) {
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        try check(
            http_set_header(
                pointer,
                { bytes, size, count, context in
                    guard let context else { return 0 }
                    return HTTPExchange.from(context).receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
                }, context))
        try check(
            http_set_write(
                pointer,
                { bytes, size, count, context in
                    guard let context else { return 0 }
                    return HTTPExchange.from(context).receiveBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
                }, context))
        try check(
            http_set_read(
                pointer,
                { bytes, size, count, context in
                    guard let context else { return Int(CURL_READFUNC_ABORT) }
                    return HTTPExchange.from(context).fill(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
                },
                { context, offset, origin in
                    guard let context, origin == SEEK_SET else { return Int32(CURL_SEEKFUNC_FAIL) }
                    HTTPExchange.from(context).rewind(to: Int64(offset))
                    return Int32(CURL_SEEKFUNC_OK)
                }, context))
    }

    private func set(_ option: CURLoption, _ value: Int) throws(HTTPError) { try check(http_set_long(pointer, option, value)) }
    private func set(_ option: CURLoption, _ value: String) throws(HTTPError) { try check(http_set_string(pointer, option, value)) }
}

extension Duration {
    /// At least one: zero means no limit to libcurl.
    fileprivate var milliseconds: Int { Int(max(1, min(self / .milliseconds(1), 2_000_000_000))) }
}
