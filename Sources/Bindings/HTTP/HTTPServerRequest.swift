package struct HTTPServerRequest: Sendable, Equatable {
    package let method: String
    /// Without the query, escapes resolved.
    package let path: String
    /// In the order of the address, escapes resolved; a name without `=` has no value.
    package let query: [(name: String, value: String?)]
    package let headers: [HTTPHeader]
    package let body: [UInt8]

    /// The first header of that name, in any case.
    package func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    package var text: String { String(decoding: body, as: UTF8.self) }

    package static func == (left: Self, right: Self) -> Bool {
        left.method == right.method && left.path == right.path && left.headers == right.headers && left.body == right.body
            && left.query.elementsEqual(right.query) { $0 == $1 }
    }
}
