import Recovery

/// What `check` found, for people: one line for every policy and target, and below it what is not as it should be.
package struct CheckText: Sendable {
    private let style: TerminalStyle
    private let width: Int

    package init(style: TerminalStyle = .plain, width: Int = 100) {
        self.style = style
        self.width = width
    }

    package func text(_ report: CheckReport) -> String {
        var page = TextPage(style: style, width: width)
        guard !report.items.isEmpty else {
            page.line(TerminalText(CheckState.unknown.rawValue).styled(.doubtful, style) + "  no policy to check")
            return page.text
        }
        let names = report.items.map { TerminalText("\($0.policy)/\($0.target)") }
        let widest = min(names.map(\.columns).max() ?? 0, 48)
        for (item, name) in zip(report.items, names) {
            let state = TerminalText(item.state.rawValue).styled(item.state.look, style).padded(to: Self.stateWidth)
            page.line(state + name.padded(to: widest) + "  " + TerminalText(item.summary))
            for finding in item.findings where finding.state != .ok {
                page.entry("", finding.words, labelWidth: 0, indent: Self.stateWidth, look: nil)
            }
        }
        return page.text
    }

    /// Of `CRITICAL` and two spaces.
    private static let stateWidth = 10
}

extension CheckState {
    fileprivate var look: TerminalStyle.Look {
        switch self {
        case .ok: .good
        case .warning, .unknown: .doubtful
        case .critical: .bad
        }
    }
}

extension CheckItem {
    /// `42 min 07 s old, 862.4 MiB, proven 3 d 04 h ago`.
    var summary: String {
        guard let ageSeconds, let bytes else { return "no usable backup" }
        let proof = provenAgeSeconds.map { "proven \(Readable.duration($0)) ago" } ?? "not proven"
        return "\(Readable.duration(ageSeconds)) old, \(Readable.bytes(bytes)), \(proof)"
    }
}
