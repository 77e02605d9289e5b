import Documents
import Engines
import Outlets
import Recovery

/// What a dumped database holds, for people.
struct DumpPage {
    private let row: DumpRow
    private let style: TerminalStyle
    private static let labelWidth = 12

    init(_ row: DumpRow, _ style: TerminalStyle) { (self.row, self.style) = (row, style) }

    var text: TerminalText {
        let verdict: TerminalText =
            row.isSound ? TerminalText("SOUND").styled(.good, style) : TerminalText("NOT SOUND").styled(.bad, style)
        guard let report = row.report else {
            let hint: [TerminalText] = row.failure?.advice.map { [Self.line("hint", "\($0)")] } ?? []
            return Self.joined([verdict + "  \(row.failure?.problem ?? row.folder)"] + hint)
        }
        let documents = report.collections.reduce(0) { $0 + $1.documents }
        let database = report.database.map { "database \($0)" } ?? "a database without a name"
        let counts =
            "\(Readable.count(report.collections.count, "collection", "collections")), \(Readable.count(documents)) \(documents == 1 ? "document" : "documents")"
        var lines = [verdict + "  \(row.folder): \(database), \(counts)"]
        lines += collections(report)
        for view in report.views { lines.append(Self.line("view", "\(view.name)  \(view.type)")) }
        for graph in report.graphs { lines.append(Self.line("graph", "\(graph)")) }
        lines += verdicts(report)
        return Self.joined(lines)
    }

    private static func line(_ label: TerminalText, _ text: TerminalText) -> TerminalText { "  " + label.padded(to: labelWidth) + text }

    private static func joined(_ lines: [TerminalText]) -> TerminalText { lines.dropFirst().reduce(lines[0]) { $0 + "\n" + $1 } }

    // MARK: - Collections

    /// Every dump has a handful of collections that the server made and nobody filled: they are one line.
    private func collections(_ report: DumpReport) -> [TerminalText] {
        let (shown, empty) = (
            report.collections.filter { !Self.isBare($0) }, report.collections.filter(Self.isBare).map(\.name)
        )
        let names = shown.map { TerminalText($0.name) }
        let counts = shown.map { TerminalText(Self.documents($0)) }
        let nameWidth = names.map(\.columns).max() ?? 0
        let countWidth = counts.map(\.columns).max() ?? 0
        var lines: [TerminalText] = []
        for (index, collection) in shown.enumerated() {
            let start = names[index].padded(to: nameWidth + 2)
            let rest = Self.rest(collection)
            let text = rest.isEmpty ? start + counts[index] : start + counts[index].padded(to: countWidth + 2) + TerminalText(rest)
            lines.append(Self.line(collection.isEdge ? "edges" : "collection", text))
        }
        if !empty.isEmpty { lines.append(Self.line("empty", "\(empty.joined(separator: ", "))")) }
        return lines
    }

    private static func documents(_ collection: DumpReport.Collection) -> String {
        if collection.dataFiles.isEmpty, !collection.isWhole { return "not read" }
        let count = "\(Readable.count(collection.documents)) \(collection.documents == 1 ? "document" : "documents")"
        return collection.isWhole ? count : "\(count) read"
    }

    private static func isBare(_ collection: DumpReport.Collection) -> Bool {
        collection.isSystem && collection.documents == 0 && collection.isWhole
    }

    private static func ends(_ count: Int64) -> String { count == 1 ? "1 end leads" : "\(Readable.count(count)) ends lead" }

    private static func rest(_ collection: DumpReport.Collection) -> String {
        var words = collection.indexes.map { "\($0.type) on \($0.fields.map(\.quoted).joined(separator: ", "))" }
        if collection.danglingEnds > 0 { words.append("\(Self.ends(collection.danglingEnds)) to no document") }
        if collection.outsideEnds > 0 { words.append("\(Self.ends(collection.outsideEnds)) out of the dump") }
        return words.joined(separator: "; ")
    }

    // MARK: - The whole

    private func verdicts(_ report: DumpReport) -> [TerminalText] {
        var lines = report.findings.map {
            Self.line("PROBLEM", "\($0.subject), \($0.aspect): expected \($0.expected), found \($0.actual)")
        }
        for note in report.notes { lines.append(Self.line("note", "\(note)")) }
        let tally = CheckTally(report.checks)
        lines.append(
            Self.line(
                "checked",
                "every byte read; \(Readable.count(tally.compared)) compared, \(tally.differed) differ, \(tally.undetermined) undetermined")
        )
        return lines
    }
}
