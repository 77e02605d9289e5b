/// One node of a parsed YAML document, and where it was written.
package struct YAMLNode: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        case scalar(String, Style)
        case sequence([YAMLNode])
        /// In the order of the document. Keys are scalars; the same key may occur twice, which is for the reader to refuse.
        case mapping([Entry])
    }

    /// How a scalar was written. Only a plain one can be a number, a boolean or nothing at all.
    package enum Style: Sendable, Equatable { case plain, quoted, block }

    package struct Entry: Sendable, Equatable {
        package let key: YAMLNode
        package let value: YAMLNode

        package init(key: YAMLNode, value: YAMLNode) {
            self.key = key
            self.value = value
        }

        /// The key's text.
        package var name: String {
            if case .scalar(let text, _) = key.content { text } else { "" }
        }
    }

    package let content: Content
    package let span: YAMLSpan

    package init(_ content: Content, at span: YAMLSpan) {
        self.content = content
        self.span = span
    }

    /// 1-based.
    package var line: Int { span.line }
    /// 1-based, in Unicode scalars.
    package var column: Int { span.column }

    /// A plain scalar that YAML 1.2 reads as nothing: empty, `~` or `null`.
    package var isNull: Bool {
        if case .scalar(let text, .plain) = content { ["", "~", "null", "Null", "NULL"].contains(text) } else { false }
    }
}

/// Where a node begins and ends in its text. Lines and columns count from 1; columns count Unicode scalars, the end is exclusive.
package struct YAMLSpan: Sendable, Hashable {
    package let line: Int
    package let column: Int
    package let endLine: Int
    package let endColumn: Int

    package init(line: Int, column: Int, endLine: Int, endColumn: Int) {
        self.line = line
        self.column = column
        self.endLine = endLine
        self.endColumn = endColumn
    }

    package init(line: Int, column: Int) { self.init(line: line, column: column, endLine: line, endColumn: column + 1) }

    /// How many scalars of its first line it covers, as far as that is known; at least one.
    package var length: Int { endLine == line ? max(1, endColumn - column) : 1 }
}
