import CCurl

extension HTTPError {
    init(_ request: HTTPRequest, _ code: CURLcode, _ words: String) {
        let words = words.isEmpty ? String(cString: curl_easy_strerror(code)) : words
        self.init(Self.kind(code, words), "\(request): \(words)")
    }

    private static func kind(_ code: CURLcode, _ words: String) -> Kind {
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .unreachable
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_SSL_CRL_BADFILE:
            .tlsFailed
        // A server that wants our certificate says so only when the handshake is over, as a failing read.
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR: words.contains("alert") ? .tlsFailed : .connectionLost
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE: .connectionLost
        // What libcurl says about an answer without a status line.
        case CURLE_UNSUPPORTED_PROTOCOL where words.contains("HTTP/0.9"): .protocolError
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT: .invalidRequest
        default: .protocolError
        }
    }
}
