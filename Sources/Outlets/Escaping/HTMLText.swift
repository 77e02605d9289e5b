/// Markup: what is written in the source is markup, what is interpolated is text and is escaped, for content and for
/// double-quoted attributes alike. So a name cannot become markup by being forgotten.
///
///     let cell: HTMLText = "<td>\(name)</td>"
///
/// It is XML too: only the five entities that XML knows are used.
package struct HTMLText: Sendable, Equatable {
    package let markup: String

    private init(trusted markup: String) { self.markup = markup }

    /// Any text, escaped and with everything invisible made visible.
    package init(_ text: String) {
        var escaped = ""
        for scalar in text.visible.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        self.init(trusted: escaped)
    }

    package static func + (left: HTMLText, right: HTMLText) -> HTMLText { HTMLText(trusted: left.markup + right.markup) }

    package static let none: HTMLText = ""
}

extension Sequence<HTMLText> {
    package func joined(separator: HTMLText = "\n") -> HTMLText { HTMLText(pieces: map(\.markup), separator: separator.markup) }
}

extension HTMLText {
    fileprivate init(pieces: [String], separator: String) { self.init(trusted: pieces.joined(separator: separator)) }
}

extension HTMLText: ExpressibleByStringInterpolation {
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        package init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity + 16 * interpolationCount) }

        package mutating func appendLiteral(_ literal: String) { markup += literal }

        package mutating func appendInterpolation(_ value: String) { markup += HTMLText(value).markup }

        package mutating func appendInterpolation(_ value: Int) { markup += "\(value)" }

        package mutating func appendInterpolation(_ value: HTMLText) { markup += value.markup }

        /// Left out altogether when there is none.
        package mutating func appendInterpolation(_ value: HTMLText?) { markup += value?.markup ?? "" }
    }

    package init(stringLiteral: String) { self.init(trusted: stringLiteral) }

    package init(stringInterpolation: StringInterpolation) { self.init(trusted: stringInterpolation.markup) }
}
