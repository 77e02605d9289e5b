/// Text for Slack and Mattermost: what is written in the source may use their marks, what is interpolated becomes a
/// code span, inside of which neither mentions (`@all`, `<!channel>`) nor links nor marks have a meaning.
package struct ChatText: Sendable, Equatable {
    package let text: String

    private init(trusted text: String) { self.text = text }

    /// Any text, as a code span.
    package init(_ value: String) {
        var escaped = ""
        for character in value.visible.shortened(to: 300) {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "`": escaped += "'"
            default: escaped.append(character)
            }
        }
        self.init(trusted: "`\(escaped)`")
    }

    package static func + (left: ChatText, right: ChatText) -> ChatText { ChatText(trusted: left.text + right.text) }
}

extension ChatText: ExpressibleByStringInterpolation {
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {}

        package mutating func appendLiteral(_ literal: String) { text += literal }

        package mutating func appendInterpolation(_ value: String) { text += ChatText(value).text }

        package mutating func appendInterpolation(_ value: ChatText) { text += value.text }
    }

    package init(stringLiteral: String) { self.init(trusted: stringLiteral) }

    package init(stringInterpolation: StringInterpolation) { self.init(trusted: stringInterpolation.text) }
}
