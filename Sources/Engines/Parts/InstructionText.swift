import Recovery

extension Manifest {
    /// The end of every `RESTORE.txt`: the runbook that the backup brought along, if it did.
    var runbookAppendix: String {
        guard let runbook else { return "" }
        return """

            The runbook that restores it with lifeboat, '\(runbook.name.onOneLine)'
            --------------------------------------------------------------------------------

            \(runbook.text)

            """
    }
}

extension String {
    /// Names come from servers; a line of ours stays one.
    var onOneLine: String {
        String(String.UnicodeScalarView(unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
