/// A value for `$1`, `$2`, … in a statement. The server decides its type from where it stands.
package enum PostgresParameter: Sendable, Equatable {
    case null
    /// In the type's text form, as in a quoted literal.
    case text(String)

    package init(_ text: String?) { self = text.map { .text($0) } ?? .null }
}

extension PostgresParameter: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int) { self = .text(String(value)) }
    package init(nilLiteral: ()) { self = .null }
}
