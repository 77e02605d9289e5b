import CMicroHTTPD
import CSystem

/// What a server's callbacks share: the handler, and the requests on their way.
final class HTTPSite: Sendable {
    private let bodyLimit: Int
    private let handler: @Sendable (HTTPServerRequest) -> HTTPServerResponse

    init(bodyLimit: Int, handler: @escaping @Sendable (HTTPServerRequest) -> HTTPServerResponse) {
        self.bodyLimit = bodyLimit
        self.handler = handler
    }

    struct Call {
        let connection: OpaquePointer
        let method: String
        let path: String
    }

    /// One request whose body is still coming. Touched by its connection's thread.
    final class Pending {
        var body: [UInt8] = []
        var isTooLarge = false
    }

    /// libmicrohttpd calls this for the head, for every piece of the body, and once more at its end.
    func answer(_ call: Call, _ piece: UnsafeRawBufferPointer, _ slot: inout UnsafeMutableRawPointer?) -> Bool {
        guard let known = slot else {
            slot = Unmanaged.passRetained(Pending()).toOpaque()
            let announced = headers(of: call).first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
            return announced > bodyLimit ? queue(tooLarge, for: call) : true
        }
        let pending = Unmanaged<Pending>.fromOpaque(known).takeUnretainedValue()
        if !piece.isEmpty {
            pending.isTooLarge = pending.isTooLarge || pending.body.count + piece.count > bodyLimit
            if !pending.isTooLarge { pending.body.append(contentsOf: piece) }
            return true
        }
        guard !pending.isTooLarge else { return queue(tooLarge, for: call) }
        let request = HTTPServerRequest(
            method: call.method, path: call.path, query: values(of: call, .GET_ARGUMENT_KIND), headers: headers(of: call),
            body: pending.body)
        return queue(handler(request), for: call)
    }

    private var tooLarge: HTTPServerResponse { HTTPServerResponse(413, "the body is larger than \(bodyLimit) bytes\n") }

    private func headers(of call: Call) -> [HTTPHeader] {
        values(of: call, .HEADER_KIND).map { HTTPHeader($0.name, $0.value ?? "") }
    }

    private func values(of call: Call, _ kind: MHD_ValueKind) -> [(name: String, value: String?)] {
        var values: [(name: String, value: String?)] = []
        withUnsafeMutablePointer(to: &values) { values in
            _ = MHD_get_connection_values(
                call.connection, kind,
                { values, _, name, value in
                    guard let values, let name else { return .NO }
                    let pair = (name: String(cString: name), value: value.map { String(cString: $0) })
                    values.assumingMemoryBound(to: [(name: String, value: String?)].self).pointee.append(pair)
                    return .YES
                }, values)
        }
        return values
    }

    private func queue(_ answer: HTTPServerResponse, for call: Call) -> Bool {
        let response: OpaquePointer?
        switch answer.body {
        case .bytes(let bytes):
            response = bytes.withUnsafeBytes {
                MHD_create_response_from_buffer($0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
            }
        case .stream(let next):
            let source = Unmanaged.passRetained(Source(next))
            response = MHD_create_response_from_callback(
                // Of unknown size: it is sent in chunks.
                UInt64.max, 64 << 10,
                { source, _, buffer, count in
                    guard let source, let buffer else { return -2 }
                    let space = UnsafeMutableRawBufferPointer(start: buffer, count: count)
                    return Unmanaged<Source>.fromOpaque(source).takeUnretainedValue().fill(space)
                },
                source.toOpaque(),
                { source in
                    if let source { Unmanaged<Source>.fromOpaque(source).release() }
                })
            if response == nil { source.release() }
        }
        guard let response else { return false }
        defer { MHD_destroy_response(response) }
        for header in answer.headers { MHD_add_response_header(response, header.name, header.value) }
        return MHD_queue_response(call.connection, UInt32(answer.status), response) == .YES
    }

    /// The body of an answer that is made while it is sent.
    private final class Source {
        private let next: @Sendable () -> [UInt8]?
        private var rest: ArraySlice<UInt8> = []

        init(_ next: @escaping @Sendable () -> [UInt8]?) { self.next = next }

        func fill(_ space: UnsafeMutableRawBufferPointer) -> Int {
            while rest.isEmpty {
                // -1 ends the body.
                guard let piece = next() else { return -1 }
                rest = piece[...]
            }
            let piece = rest.prefix(space.count)
            space.copyBytes(from: piece)
            rest = rest.dropFirst(piece.count)
            return piece.count
        }
    }
}
