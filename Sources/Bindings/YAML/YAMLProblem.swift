/// libyaml speaks of tokens and states; people who wrote a file want to know what to change.
enum YAMLProblem {
    /// Whether the place to show is where the construct began that libyaml was reading, not where it gave up.
    static func isAboutContext(_ problem: String, context: String?) -> Bool {
        switch problem {
        case "could not find expected ':'", "did not find expected ',' or ']'", "did not find expected ',' or '}'": true
        case "found unexpected end of stream", "found unexpected document indicator": context?.contains("quoted scalar") == true
        default: false
        }
    }

    static func words(for problem: String, context: String?, atTab: Bool) -> (words: String, hint: String?) {
        if atTab || problem.contains("tab character") { return ("a tab is used for indentation", "indent with spaces") }
        return switch problem {
        case "mapping values are not allowed in this context":
            ("a colon begins a second value here", "quote the text if the colon belongs to it; else check the indentation")
        case "could not find expected ':'":
            ("a key without a colon", "write 'key: value', and indent continued text deeper than its key")
        case "did not find expected key":
            (
                "neither a key nor the end of the mapping",
                "check that the keys of one mapping are indented alike, and that quotes are closed"
            )
        case "did not find expected '-' indicator":
            ("neither a list item nor the end of the list", "check that the items of one list are indented alike")
        case "did not find expected ',' or ']'": ("a list in [ ] is not closed", "separate its items by commas and close it with ]")
        case "did not find expected ',' or '}'": ("a mapping in { } is not closed", "separate its entries by commas and close it with }")
        case "found unexpected end of stream" where context?.contains("quoted scalar") == true:
            ("a quoted text is not closed", "close it with the quote that began it")
        case "found unexpected document indicator" where context?.contains("quoted scalar") == true:
            ("a quoted text is not closed", "close it with the quote that began it")
        case "found character that cannot start any token":
            ("this character cannot begin a value", "quote the text")
        case "found unknown escape character":
            ("unknown escape in a double-quoted text", "write \\\\ for a backslash, or use single quotes")
        case "found invalid Unicode character escape code", "did not find expected hexdecimal number":
            ("this escape is not a Unicode character", "lone surrogates cannot be written; write the character itself")
        case "block sequence entries are not allowed in this context":
            ("a list item cannot begin here", "put it on a line of its own, below its key")
        case "did not find expected <document start>":
            ("text after the end of the document", "check the indentation of this line")
        case "did not find expected node content": ("a value is missing here", nil)
        case "could not determine the encoding", "control characters are not allowed", "invalid leading UTF-8 octet":
            ("the file is not readable text", "save it as UTF-8")
        default: ("not valid YAML: \(problem)" + (context.map { " (\($0))" } ?? ""), nil)
        }
    }
}
