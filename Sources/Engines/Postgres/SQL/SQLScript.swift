/// Text with one or more statements, taken apart where the server would.
///
/// Semicolons inside quotes, dollar quotes, comments, parentheses and `BEGIN ATOMIC … END` bodies end nothing.
struct SQLScript: Sendable {
    struct Statement: Sendable, Equatable {
        /// Without the semicolon and what surrounds it.
        let text: String
        /// Where it begins in the script, from 1.
        let line: Int
        let column: Int

        /// The place of the character with this number (from 1, as PostgreSQL counts), in the script.
        func place(of position: Int) -> (line: Int, column: Int) {
            var place = (line: line, column: column)
            for scalar in text.unicodeScalars.prefix(max(0, position - 1)) {
                if scalar == "\n" { place = (place.line + 1, 1) } else { place.column += 1 }
            }
            return place
        }
    }

    let statements: [Statement]

    init(_ text: String) {
        var scanner = Scanner(text)
        statements = scanner.statements()
    }

    private struct Scanner {
        private let scalars: [Unicode.Scalar]
        private var position = 0
        private var depth = 0
        private var atomic = 0
        private var word = ""
        private var previousWord = ""

        init(_ text: String) { scalars = Array(text.unicodeScalars) }

        mutating func statements() -> [Statement] {
            var found: [Statement] = []
            var start = 0
            var hasContent = false
            func add(until end: Int) {
                guard hasContent, let statement = statement(start, end) else { return }
                found.append(statement)
            }
            while position < scalars.count {
                let before = position
                let isSpace = skipSpaceOrComment()
                if isSpace {
                    if !hasContent { start = position }
                    if position > before { endWord() }
                    continue
                }
                if scalars[position] == ";" { endWord() }
                if scalars[position] == ";", depth == 0, atomic == 0 {
                    add(until: position)
                    position += 1
                    (start, hasContent, previousWord) = (position, false, "")
                    continue
                }
                if !hasContent { (start, hasContent) = (position, true) }
                step()
            }
            add(until: scalars.count)
            return found
        }

        private func statement(_ start: Int, _ end: Int) -> Statement? {
            var end = end
            while end > start, scalars[end - 1].properties.isWhitespace { end -= 1 }
            guard end > start else { return nil }
            var line = 1
            var column = 1
            for scalar in scalars[..<start] {
                if scalar == "\n" { (line, column) = (line + 1, 1) } else { column += 1 }
            }
            return Statement(text: String(String.UnicodeScalarView(scalars[start..<end])), line: line, column: column)
        }

        private func at(_ offset: Int) -> Unicode.Scalar? { position + offset < scalars.count ? scalars[position + offset] : nil }

        private mutating func skipSpaceOrComment() -> Bool {
            if scalars[position].properties.isWhitespace {
                position += 1
                return true
            }
            if scalars[position] == "-", at(1) == "-" {
                while position < scalars.count, scalars[position] != "\n" { position += 1 }
                return true
            }
            guard scalars[position] == "/", at(1) == "*" else { return false }
            // They nest, unlike in C.
            var level = 0
            repeat {
                if scalars[position] == "/", at(1) == "*" {
                    (level, position) = (level + 1, position + 2)
                } else if scalars[position] == "*", at(1) == "/" {
                    (level, position) = (level - 1, position + 2)
                } else {
                    position += 1
                }
            } while level > 0 && position < scalars.count
            return true
        }

        private mutating func step() {
            let scalar = scalars[position]
            switch scalar {
            case "'":
                let escapes = word.lowercased() == "e"
                endWord()
                skipQuoted(by: "'", backslashEscapes: escapes)
            case "\"":
                endWord()
                skipQuoted(by: "\"", backslashEscapes: false)
            case "$" where word.isEmpty && skipDollarQuote(): break
            case "(", "[":
                endWord()
                (depth, position) = (depth + 1, position + 1)
            case ")", "]":
                endWord()
                (depth, position) = (max(0, depth - 1), position + 1)
            default:
                if scalar.properties.isAlphabetic || scalar == "_" || scalar == "$" || (48...57).contains(scalar.value) {
                    word.unicodeScalars.append(scalar)
                } else {
                    endWord()
                }
                position += 1
            }
        }

        /// `BEGIN ATOMIC` opens a body that its `END` closes; `CASE` within it has an `END` of its own.
        private mutating func endWord() {
            guard !word.isEmpty else { return }
            let lower = word.lowercased()
            if lower == "atomic", previousWord == "begin" {
                atomic += 1
            } else if atomic > 0, lower == "case" {
                atomic += 1
            } else if atomic > 0, lower == "end" {
                atomic -= 1
            }
            previousWord = lower
            word = ""
        }

        private mutating func skipQuoted(by mark: Unicode.Scalar, backslashEscapes: Bool) {
            position += 1
            while position < scalars.count {
                if backslashEscapes, scalars[position] == "\\" {
                    position += 2
                } else if scalars[position] == mark {
                    position += 1
                    // A doubled mark begins the next piece of the same text.
                    guard position < scalars.count, scalars[position] == mark else { return }
                    position += 1
                } else {
                    position += 1
                }
            }
            position = min(position, scalars.count)
        }

        /// `$$…$$` or `$tag$…$tag$`; false when it is something else, such as the parameter `$1`.
        private mutating func skipDollarQuote() -> Bool {
            var end = position + 1
            while end < scalars.count, scalars[end].properties.isAlphabetic || scalars[end] == "_" || (48...57).contains(scalars[end].value)
            {
                end += 1
            }
            guard end < scalars.count, scalars[end] == "$", !(position + 1 < end && (48...57).contains(scalars[position + 1].value)) else {
                return false
            }
            let tag = Array(scalars[position...end])
            var search = end + 1
            while search < scalars.count {
                if scalars[search] == "$", search + tag.count <= scalars.count, Array(scalars[search..<(search + tag.count)]) == tag {
                    position = search + tag.count
                    return true
                }
                search += 1
            }
            position = scalars.count
            return true
        }
    }
}
