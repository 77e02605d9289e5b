import Recovery

/// What the report rests on, and how to check it.
struct HTMLEvidence {
    let result: RunResult

    private var evidence: RunResult.Evidence { result.evidence }

    var markup: HTMLText {
        .section(
            "evidence", "Evidence",
            """
            \(hashes)
            \(HTMLText.facts([
                ("Lifeboat", .foreign(evidence.lifeboatVersion)),
                ("Host", .foreign(evidence.host)),
                ("System", .foreign(evidence.system)),
                ("Operator", .foreign(result.operatorLine)),
                ("Environment", .foreign("\(result.environment.kind): \(result.environment.isolation)")),
                ("Provisioned", provisioned),
                ("Tools", tools),
                ("Random seed", evidence.randomSeed.map { .code(String($0)) }),
                ("Journal", .code(evidence.journal)),
            ]))
            <h3>How to check the hashes</h3>
            <p>Each command prints the SHA-256 that the table above shows. The journal also holds the whole text of every document, so
            that it can be compared even if a file has changed since.</p>
            <pre>\(commands)</pre>
            """)
    }

    private var hashes: HTMLText {
        var rows = evidence.documents.map { row("\($0.kind)", $0.path, $0.sha256) }
        rows += result.backups.map { row("manifest of the backup", $0.id, $0.manifestSHA256) }
        if let sha256 = evidence.journalSHA256 { rows.append(row("journal, without its last line", evidence.journal, sha256)) }
        return .table("SHA-256 of what decided the outcome", ["what", "which", "SHA-256"], rows)
    }

    private func row(_ what: String, _ which: String, _ sha256: String) -> HTMLText {
        """
        <tr><th scope="row">\(HTMLText.foreign(what))</th>\(HTMLText.cell("which", .code(which)))\(HTMLText.cell("SHA-256", .code(sha256)))</tr>
        """
    }

    private var provisioned: HTMLText? {
        let count = result.environment.provisionings.count
        guard count > 0 else { return nil }
        return "\(Readable.count(count, "time", "times")), \(Readable.duration(result.environment.provisionSeconds)) in all"
    }

    private var tools: HTMLText? {
        evidence.tools.isEmpty ? nil : .list(evidence.tools.map { .foreign("\($0.name) \($0.version)") })
    }

    private var commands: HTMLText {
        var lines: [HTMLText] = evidence.documents.map { "sha256sum \(ShellText.path($0.path))" }
        lines += result.backups.map { "sha256sum \(ShellText.path("\($0.id)/manifest.json"))    # in the store's folder" }
        if evidence.journalSHA256 != nil { lines.append("head -n -1 \(ShellText.path(evidence.journal)) | sha256sum") }
        return lines.joined()
    }
}
