/// Why there is no answer. An answer with any status is none of these.
package struct HTTPError: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable, CaseIterable {
        /// No such host, refused, no route.
        case unreachable
        case tlsFailed
        /// Connecting, the whole, or too slow for too long.
        case timedOut
        case cancelled
        /// The body is larger than the request allows.
        case tooLarge
        /// The connection ended before the answer did.
        case connectionLost
        /// What came is not HTTP.
        case protocolError
        /// Refused before anything was sent: not a URL, a line break in a header, a file that cannot be read.
        case invalidRequest
    }
    package let kind: Kind
    /// Method and address, and what libcurl says.
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension HTTPError: CustomStringConvertible {
    package var description: String { message }
}
