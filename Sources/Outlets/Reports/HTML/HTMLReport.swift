import Recovery

/// One self-contained page for people who have to be convinced: no script, no outside resource, verdict first.
///
/// It reads on paper, on a telephone, in the dark, and without colours.
package struct HTMLReport: ReportFormat {
    package let name = "html"
    package let fileExtension = "html"
    /// How many findings, and how many results that held, are listed for one step; the rest are counted.
    package let rowLimit: Int

    package init(rowLimit: Int = 2000) { self.rowLimit = rowLimit }

    package func render(_ result: RunResult) -> [UInt8] { Array(page(result).markup.utf8) }

    private func page(_ result: RunResult) -> HTMLText {
        let verdict = Verdict(result)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <title>\(verdict.word): \(result.noun) \(result.name.shortened(to: 100)), \(Readable.moment(result.startedAt))</title>
            <style>
            \(Stylesheet.css)
            </style>
            </head>
            <body>
            <header>
            \(HTMLHeader(result: result, verdict: verdict).markup)
            </header>
            <main>
            \(HTMLFailure(result: result).markup)
            \(HTMLObjectives(result: result).markup)
            \(HTMLRestored(result: result).markup)
            \(HTMLTimeline(result: result).markup)
            \(HTMLChecks(result: result, rowLimit: rowLimit).markup)
            \(HTMLNotExercised(result: result).markup)
            \(HTMLEvidence(result: result).markup)
            </main>
            <footer>
            <p>Written by Lifeboat \(result.evidence.lifeboatVersion) from the journal of run \(result.run). \
            All times are UTC. Characters that cannot be seen are spelled out, as in \("\u{200B}").</p>
            </footer>
            </body>
            </html>

            """
    }
}
