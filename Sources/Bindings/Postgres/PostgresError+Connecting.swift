extension PostgresError {
    /// What libpq's words for a failed connection mean. They come from libpq (English here) or from the server, whose words
    /// may be in any language but carry a SQLSTATE.
    init(connecting words: String, passwordIsMissing: Bool) {
        let answer = Self.serverAnswer(in: words)
        let message = answer?.message ?? Self.withoutQuestions(words)
        if passwordIsMissing {
            self.init(.authenticationFailed, message, sqlState: answer?.state)
        } else if let answer {
            self.init(Self.kind(ofSQLState: answer.state), answer.message, sqlState: answer.state)
        } else if Self.aboutSomethingElse.contains(where: words.contains) {
            self.init(.unreachable, "\(message): that is not PostgreSQL")
        } else if Self.aboutTLS.contains(where: words.contains) {
            self.init(.tlsFailed, message)
        } else {
            self.init(words.contains("SCRAM") ? .authenticationFailed : .unreachable, message)
        }
    }

    /// What answers on that port speaks another language.
    private static let aboutSomethingElse = ["received invalid response to", "expected authentication request from server"]

    /// libpq asks back ("Is the server running on that host …?"), on a line of its own that begins with a tab.
    private static func withoutQuestions(_ words: String) -> String {
        words.split(separator: "\n").filter { !($0.hasPrefix("\t") && $0.hasSuffix("?")) }.joined(separator: "\n")
    }

    private static let aboutTLS = ["SSL", "certificate", "TLS"]

    /// Finds `FATAL:  28P01: words`, and leaves out the SQLSTATE and the place in the server's source that come with it.
    private static func serverAnswer(in words: String) -> (state: String, message: String)? {
        var lines = words.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines.removeAll { $0.hasPrefix("LOCATION:  ") }
        for index in lines.indices.reversed() {
            let pieces = lines[index].split(separator: ":  ", maxSplits: 1)
            guard pieces.count == 2, let state = pieces.last?.prefix(5), pieces[1].dropFirst(5).hasPrefix(": "),
                state.utf8.count == 5, state.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) })
            else { continue }
            lines[index] = "\(pieces[0]):  \(pieces[1].dropFirst(7))"
            return (String(state), lines.joined(separator: "\n"))
        }
        return nil
    }
}
