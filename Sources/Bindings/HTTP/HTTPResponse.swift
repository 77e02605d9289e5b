/// The server's answer; the last one, if interim answers came before.
package struct HTTPResponse: Sendable, Equatable {
    package let status: Int
    /// In the server's order, as they came.
    package let headers: [HTTPHeader]
    /// Empty if it was streamed.
    package let body: [UInt8]

    package init(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// The first header of that name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The body as text; what is not UTF-8 is replaced.
    package var text: String { String(decoding: body, as: UTF8.self) }
}
