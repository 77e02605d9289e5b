/// A name as SQL takes it: always quoted, case and every character kept.
///
/// PostgreSQL cuts names after 63 bytes without an error, and would then act on another object: a longer name is refused
/// unless `allowingTruncation`. An empty name and a NUL byte are refused always. Throws a `PostgresError` of kind
/// `invalidInput`.
package func quoteIdentifier(_ name: String, allowingTruncation: Bool = false) throws(PostgresError) -> String {
    guard !name.isEmpty else { throw PostgresError(.invalidInput, "a name in SQL cannot be empty") }
    guard !name.utf8.contains(0) else { throw PostgresError(.invalidInput, "a name in SQL cannot contain a NUL byte") }
    guard allowingTruncation || name.utf8.count <= 63 else {
        throw PostgresError(
            .invalidInput, "the name '\(name)' has \(name.utf8.count) bytes; PostgreSQL would cut it after 63 and act on another object")
    }
    return "\"" + doubling("\"", in: name) + "\""
}

/// A text as SQL takes it, whatever `standard_conforming_strings` says. A NUL byte is refused with a `PostgresError` of kind
/// `invalidInput`.
package func quoteLiteral(_ text: String) throws(PostgresError) -> String {
    guard !text.utf8.contains(0) else { throw PostgresError(.invalidInput, "a text in SQL cannot contain a NUL byte") }
    let quoted = "'" + doubling("'", in: text) + "'"
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return quoted }
    // The space keeps the E apart from a word before it, as in PQescapeLiteral.
    return " E" + doubling("\\", in: quoted)
}

/// By unicode scalars: a quote followed by a combining mark is one character, and still a quote to the server.
private func doubling(_ mark: Unicode.Scalar, in text: String) -> String {
    var doubled = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
        if scalar == mark { doubled.append(scalar) }
        doubled.append(scalar)
    }
    return String(doubled)
}
