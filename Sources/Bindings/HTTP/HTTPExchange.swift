import CCurl
import Glibc

/// What libcurl's callbacks read and write during one request. Touched by the one thread that runs it.
final class HTTPExchange {
    private let request: HTTPRequest
    private let isAccepted: ((Int) -> Bool)?
    private var source: Int32?
    private var sent: Int64 = 0
    private(set) var status = 0
    private(set) var headers: [HTTPHeader] = []
    private(set) var body: [UInt8] = []
    private(set) var headIsComplete = false
    /// The server's bytes wait inside libcurl until the consumer has taken what is here.
    var isPaused = false
    /// What went wrong on our side of a callback.
    private(set) var failure: HTTPError?

    /// So much is handed to a consumer at once, at most (and one piece of libcurl's more).
    private static let streamed = 256 << 10

    /// Opens the file to send, if there is one.
    init(_ request: HTTPRequest, isAccepted: ((Int) -> Bool)?) throws(HTTPError) {
        self.request = request
        self.isAccepted = isAccepted
        guard let path = request.bodyFile else { return }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw HTTPError(.invalidRequest, "\(request): cannot read \(path): \(String(cString: strerror(errno)))")
        }
        source = descriptor
    }

    deinit { if let source { close(source) } }

    static func from(_ context: UnsafeMutableRawPointer) -> HTTPExchange {
        Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
    }

    var isStreaming: Bool { isAccepted?(status) == true }

    var bodyIsSent: Bool { sent >= request.bodyLength }

    func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    // MARK: Callbacks

    func receiveHeader(_ line: UnsafeRawBufferPointer) -> Int {
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // An interim answer came before: this one counts.
            headers = []
            headIsComplete = false
            status = text.split(separator: " ").dropFirst().first.flatMap { Int($0.prefix(3)) } ?? 0
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...]
            headers.append(HTTPHeader(String(text[..<colon]), value.trimmingBlanks))
        } else if text.allSatisfy(\.isNewline) {
            headIsComplete = status >= 200
        }
        return line.count
    }

    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        if isStreaming {
            guard body.count < Self.streamed else {
                isPaused = true
                return Int(CURL_WRITEFUNC_PAUSE)
            }
        } else if body.count + bytes.count > request.responseLimit {
            failure = HTTPError(.tooLarge, "\(request): the answer is larger than \(request.responseLimit) bytes")
            return 0
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }

    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        switch request.body {
        case .none: return 0
        case .bytes(let bytes):
            return fill(buffer, with: bytes, from: sent)
        case .file(let path, let offset, let length):
            return fill(buffer, withFile: path, offset: offset, length: length, from: sent)
        case .framed(let before, let path, let length, let after):
            let start = Int64(before.count)
            if sent < start { return fill(buffer, with: before, from: sent) }
            if sent < start + length { return fill(buffer, withFile: path, offset: 0, length: length, from: sent - start) }
            return fill(buffer, with: after, from: sent - start - length)
        }
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, with bytes: [UInt8], from position: Int64) -> Int {
        let piece = bytes.dropFirst(Int(position)).prefix(buffer.count)
        piece.withUnsafeBytes { buffer.copyMemory(from: $0) }
        sent += Int64(piece.count)
        return piece.count
    }

    private func fill(
        _ buffer: UnsafeMutableRawBufferPointer, withFile path: String, offset: Int64, length: Int64, from position: Int64
    ) -> Int {
        let wanted = Int(min(Int64(buffer.count), length - position))
        guard wanted > 0, let source else { return 0 }
        let count = pread(source, buffer.baseAddress, wanted, Int(offset + position))
        guard count > 0 else {
            let reason = count == 0 ? "it ends after \(position) of \(length) bytes" : String(cString: strerror(errno))
            failure = HTTPError(.invalidRequest, "\(request): cannot read \(path): \(reason)")
            return Int(CURL_READFUNC_ABORT)
        }
        sent += Int64(count)
        return count
    }

    /// libcurl starts over when it repeats a request.
    func rewind(to position: Int64) { sent = position }
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

extension HTTPRequest {
    fileprivate var bodyFile: String? {
        switch body {
        case .none, .bytes: nil
        case .file(let path, _, _), .framed(_, let path, _, _): path
        }
    }
}
