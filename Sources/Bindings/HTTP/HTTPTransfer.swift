/// One request after the other, on a thread of its own, over connections that it keeps.
actor HTTPTransfer {
    struct Consumer: Sendable {
        let isAccepted: @Sendable (Int) -> Bool
        let onBody: @Sendable ([UInt8]) async throws -> Void
    }

    private let multi: CurlMulti
    private let queue = BlockingQueue(label: "http")

    nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    init() throws(HTTPError) {
        guard let multi = CurlMulti() else { throw HTTPError(.unreachable, "libcurl is out of memory or of file descriptors") }
        self.multi = multi
    }

    func perform(_ request: HTTPRequest, streaming consumer: Consumer?) async throws -> HTTPResponse {
        try request.check()
        let flag = CancellationFlag()
        return try await withTaskCancellationHandler {
            // Mentions the actor, and therefore runs on its thread.
            try await runAskingFirstIfRefused(request, consumer, flag)
        } onCancel: { [multi] in
            flag.raise()
            multi.wake()
        }
    }

    /// A server that refuses a body in the middle, and closes, can take its answer along. Asked first, it has to give it.
    private func runAskingFirstIfRefused(_ request: HTTPRequest, _ consumer: Consumer?, _ flag: CancellationFlag) async throws
        -> HTTPResponse
    {
        let began = ContinuousClock.now
        do {
            return try await run(request, consumer, flag)
        } catch let refused as CurlEasy.BodyRefused {
            guard request.isRepeatable, !request.waitsBeforeBody else { throw refused.error }
            var polite = request
            polite.headers.append(HTTPHeader("Expect", "100-continue"))
            polite.deadline = request.deadline.map { $0 - (.now - began) }
            do {
                return try await run(polite, consumer, flag)
            } catch let refused as CurlEasy.BodyRefused {
                throw refused.error
            }
        }
    }

    private func run(_ request: HTTPRequest, _ consumer: Consumer?, _ flag: CancellationFlag) async throws -> HTTPResponse {
        let exchange = try HTTPExchange(request, isAccepted: consumer?.isAccepted)
        let easy = try CurlEasy(request, exchange, in: multi)
        try easy.start()
        func checkCancellation() throws {
            if flag.isRaised { throw HTTPError(.cancelled, "\(request): cancelled") }
        }

        var isRunning = true
        while isRunning {
            try checkCancellation()
            isRunning = try easy.proceed()
            if exchange.isStreaming, let consumer {
                // Nothing is read from the network meanwhile.
                let piece = exchange.takeBody()
                if !piece.isEmpty { try await consumer.onBody(piece) }
                if exchange.isPaused {
                    exchange.isPaused = false
                    try easy.unpause()
                    continue
                }
            }
            if isRunning { easy.wait() }
        }
        try checkCancellation()
        try easy.finish()
        if exchange.isStreaming, let consumer {
            let rest = exchange.takeBody()
            if !rest.isEmpty { try await consumer.onBody(rest) }
        }
        return HTTPResponse(status: exchange.status, headers: exchange.headers, body: exchange.takeBody())
    }
}

extension HTTPRequest {
    fileprivate func check() throws(HTTPError) {
        guard !method.isEmpty, method.utf8.allSatisfy(\.isTokenByte) else {
            throw HTTPError(.invalidRequest, "not a method of HTTP: '\(method)'")
        }
        guard url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw HTTPError(.invalidRequest, "\(self): the address has characters that need escaping")
        }
        for header in headers {
            guard !header.name.isEmpty, header.name.utf8.allSatisfy(\.isTokenByte) else {
                throw HTTPError(.invalidRequest, "\(self): not a name of a header: '\(header.name)'")
            }
            guard !header.value.utf8.contains(where: { $0 == 0 || $0 == 10 || $0 == 13 }) else {
                throw HTTPError(.invalidRequest, "\(self): the header '\(header.name)' contains a line break or NUL")
            }
        }
        for path in [unixSocket, proxy, tls.caFile, tls.certificate, tls.key] where path?.utf8.contains(0) == true {
            throw HTTPError(.invalidRequest, "\(self): a path contains a NUL byte")
        }
    }
}

extension UInt8 {
    /// What RFC 9110 calls a token.
    fileprivate var isTokenByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
