private import CYaml

extension YAMLNode {
    /// Parses exactly one YAML document, at most 1 MiB of UTF-8 nested at most 64 deep.
    ///
    /// Refused, since a runbook has to read the same top to bottom at three in the morning: aliases and anchors (which also closes the
    /// door on documents that expand without limit), merge keys, tags, directives, keys that are not text.
    package static func parse(_ bytes: some Collection<UInt8>) throws(YAMLSyntaxError) -> YAMLNode {
        let text = try YAMLCharacters.checked(bytes)
        let parser = YAMLParser(reading: text)
        return try parser.document()
    }

    package static func parse(_ text: String) throws(YAMLSyntaxError) -> YAMLNode { try parse(text.utf8) }
}

/// Owns `yaml_parser_t`, which points into itself and so must not move: it lives on the heap.
private struct YAMLParser: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private static let depthLimit = 64

    init(reading text: String) {
        parser = .allocate(capacity: 1)
        precondition(yaml_parser_initialize(parser) == 1, "libyaml is out of memory")
        let bytes = Array(text.utf8)
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    func document() throws(YAMLSyntaxError) -> YAMLNode {
        _ = try next()  // the start of the stream
        let start = try next()
        guard start.kind == YAML_DOCUMENT_START_EVENT else { throw Self.empty(at: YAMLSpan(line: 1, column: 1)) }
        if start.hasDirectives {
            throw YAMLSyntaxError("directives are not used here", hint: "remove the lines that begin with %", at: start.span)
        }
        let root = try node(from: next(), depth: 1)
        if root.isNull { throw Self.empty(at: root.span) }
        _ = try next()  // the end of the document
        let after = try next()
        guard after.kind == YAML_STREAM_END_EVENT else {
            throw YAMLSyntaxError("a second document begins here", hint: "put it into a file of its own", at: after.span)
        }
        return root
    }

    private static func empty(at span: YAMLSpan) -> YAMLSyntaxError { YAMLSyntaxError("the document is empty", at: span) }

    private func node(from event: Event, depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
        try refuseIndirection(event)
        switch event.kind {
        case YAML_SCALAR_EVENT:
            guard !event.text.utf8.contains(0) else { throw YAMLSyntaxError("a text holds a NUL character", at: event.span) }
            return YAMLNode(.scalar(event.text, event.style), at: event.span)
        case YAML_SEQUENCE_START_EVENT:
            try checkDepth(depth, at: event)
            return try sequence(from: event, depth: depth)
        default:
            try checkDepth(depth, at: event)
            return try mapping(from: event, depth: depth)
        }
    }

    private func checkDepth(_ depth: Int, at event: Event) throws(YAMLSyntaxError) {
        guard depth <= Self.depthLimit else { throw YAMLSyntaxError("nested deeper than \(Self.depthLimit) levels", at: event.span) }
    }

    private func sequence(from start: Event, depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
        var items: [YAMLNode] = []
        var event = try next()
        while event.kind != YAML_SEQUENCE_END_EVENT {
            items.append(try node(from: event, depth: depth + 1))
            event = try next()
        }
        return YAMLNode(.sequence(items), at: start.span.extended(to: event.span))
    }

    private func mapping(from start: Event, depth: Int) throws(YAMLSyntaxError) -> YAMLNode {
        var entries: [YAMLNode.Entry] = []
        var event = try next()
        while event.kind != YAML_MAPPING_END_EVENT {
            try checkKey(event)
            let key = try node(from: event, depth: depth + 1)
            entries.append(.init(key: key, value: try node(from: next(), depth: depth + 1)))
            event = try next()
        }
        return YAMLNode(.mapping(entries), at: start.span.extended(to: event.span))
    }

    private func checkKey(_ event: Event) throws(YAMLSyntaxError) {
        try refuseIndirection(event)
        guard event.kind == YAML_SCALAR_EVENT else {
            throw YAMLSyntaxError(
                "a key has to be text, not a list or a mapping", hint: "quote it if it begins with [ or {", at: event.span)
        }
        guard !event.text.isEmpty else { throw YAMLSyntaxError("a key is missing before the colon", at: event.span) }
        if event.text == "<<", event.style == .plain {
            throw YAMLSyntaxError(
                "merge keys (<<) are not supported", hint: "write the keys out; a document reads the same top to bottom", at: event.span)
        }
    }

    private func refuseIndirection(_ event: Event) throws(YAMLSyntaxError) {
        let reason = "write the value out where it is used; a document reads the same top to bottom"
        if event.kind == YAML_ALIAS_EVENT { throw YAMLSyntaxError("aliases (*name) are not supported", hint: reason, at: event.span) }
        if event.hasAnchor { throw YAMLSyntaxError("anchors (&name) are not supported", hint: reason, at: event.span) }
        if event.hasTag {
            throw YAMLSyntaxError(
                "tags (!name) are not supported", hint: "quote the value if it begins with an exclamation mark", at: event.span)
        }
    }

    /// What is kept of a `yaml_event_t` once libyaml's own copy is deleted.
    private struct Event {
        let kind: yaml_event_type_t
        let span: YAMLSpan
        var text = ""
        var style = YAMLNode.Style.plain
        var hasAnchor = false
        var hasTag = false
        var hasDirectives = false
    }

    private func next() throws(YAMLSyntaxError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }

        let start = event.start_mark
        let end = event.end_mark
        var kept = Event(
            kind: event.type,
            span: YAMLSpan(line: start.line + 1, column: start.column + 1, endLine: end.line + 1, endColumn: end.column + 1))
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            kept.text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            kept.style = Self.style(scalar.style)
            kept.hasAnchor = scalar.anchor != nil
            kept.hasTag = scalar.tag != nil
        case YAML_SEQUENCE_START_EVENT:
            kept.hasAnchor = event.data.sequence_start.anchor != nil
            kept.hasTag = event.data.sequence_start.tag != nil
        case YAML_MAPPING_START_EVENT:
            kept.hasAnchor = event.data.mapping_start.anchor != nil
            kept.hasTag = event.data.mapping_start.tag != nil
        case YAML_DOCUMENT_START_EVENT:
            let document = event.data.document_start
            kept.hasDirectives = document.version_directive != nil || document.tag_directives.start != document.tag_directives.end
        default: break
        }
        return kept
    }

    private static func style(_ style: yaml_scalar_style_t) -> YAMLNode.Style {
        switch style {
        case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        default: .plain
        }
    }

    private func syntaxError() -> YAMLSyntaxError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "unreadable"
        let context = parser.pointee.context.map { String(cString: $0) }
        // Where something began that never ends says more than where the file ended.
        let mark = YAMLProblem.isAboutContext(problem, context: context) ? parser.pointee.context_mark : parser.pointee.problem_mark
        if character(at: parser.pointee.problem_mark) == "{", character(at: parser.pointee.problem_mark, offset: -1) == "$" {
            let place = parser.pointee.problem_mark
            return YAMLSyntaxError(
                "${…} inside [ ] or { } needs quotes", hint: "write \"${…}\"", at: YAMLSpan(line: place.line + 1, column: place.column))
        }
        let atTab = character(at: parser.pointee.problem_mark) == "\t"
        let (words, hint) = YAMLProblem.words(for: problem, context: context, atTab: atTab)
        return YAMLSyntaxError(words, hint: hint, at: YAMLSpan(line: mark.line + 1, column: mark.column + 1))
    }

    /// The character a mark points at, or one near it: marks count characters, not bytes.
    private func character(at mark: yaml_mark_t, offset: Int = 0) -> Unicode.Scalar? {
        String(decoding: input, as: UTF8.self).unicodeScalars.dropFirst(mark.index + offset).first
    }
}

extension YAMLSpan {
    fileprivate func extended(to end: YAMLSpan) -> YAMLSpan {
        YAMLSpan(line: line, column: column, endLine: end.endLine, endColumn: end.endColumn)
    }
}
