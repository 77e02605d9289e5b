/// The table of contents of a dump, as `pg_restore --list` prints it and `--use-list` takes it back.
struct DumpList: Sendable {
    /// One entry: `215; 1259 16385 TABLE public books postgres`.
    struct Entry: Sendable, Equatable {
        /// The whole line, given back as it came.
        let line: String
        let type: String
        /// What follows the type: schema (`-` for none), name, owner. Names may hold spaces, so it is not taken apart.
        let rest: String

        /// What people call it: `SUBSCRIPTION - nightly postgres`.
        var words: String { "\(type) \(rest)" }
    }

    let entries: [Entry]

    /// Reads what `pg_restore --list` wrote.
    init(_ text: String) {
        // By lines of bytes: names may hold any other character, and pg_restore writes line breaks in names as spaces.
        entries = text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            String(line).flatMap(Self.entry)
        }
    }

    private static func entry(_ line: String) -> Entry? {
        guard !line.hasPrefix(";"), let semicolon = line.firstIndex(of: ";") else { return nil }
        let parts = line[line.index(after: semicolon)...].split(separator: " ", maxSplits: 2)
        guard parts.count == 3, Int(line[..<semicolon]) != nil else { return nil }
        let catalog = parts[0]
        let description = parts[2]
        // A table of a schema called DATA reads like a table's data; only the former is an object of a catalogue.
        let candidates = types.filter { catalog == "0" || !$0.hasSuffix(" DATA") }
        guard let type = candidates.first(where: { description.hasPrefix("\($0) ") }) else {
            let word = description.prefix { $0 != " " }
            return Entry(line: line, type: String(word), rest: String(description.dropFirst(word.count + 1)))
        }
        return Entry(line: line, type: type, rest: String(description.dropFirst(type.count + 1)))
    }

    /// The types of more than one word that are told apart here, longest first.
    private static let types = [
        "MATERIALIZED VIEW DATA", "MATERIALIZED VIEW", "SECURITY LABEL", "FK CONSTRAINT", "CHECK CONSTRAINT", "EVENT TRIGGER",
        "INDEX ATTACH",
        "USER MAPPING", "DEFAULT ACL", "ROW SECURITY", "FOREIGN SERVER", "FOREIGN TABLE", "TABLE DATA", "BLOB METADATA",
    ]
}

extension DumpList.Entry {
    /// Whether the entry is, or speaks about, something of that type: `COMMENT - SUBSCRIPTION nightly`.
    func concerns(_ kind: String) -> Bool {
        type == kind || ((type == "COMMENT" || type == "ACL" || type == "SECURITY LABEL") && rest.hasPrefix("- \(kind) "))
    }
}
