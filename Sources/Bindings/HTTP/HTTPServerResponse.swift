package struct HTTPServerResponse: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Asked for the next piece until there is none; on the connection's thread, so it may block.
        case stream(@Sendable () -> [UInt8]?)
    }
    package var status: Int
    package var headers: [HTTPHeader]
    package var body: Body

    package init(_ status: Int = 200, headers: [HTTPHeader] = [], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(_ status: Int = 200, _ text: String, contentType: String = "text/plain; charset=utf-8") {
        self.init(status, headers: [HTTPHeader("Content-Type", contentType)], body: .bytes(Array(text.utf8)))
    }
}
