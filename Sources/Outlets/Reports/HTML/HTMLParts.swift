import Recovery

/// The few shapes that sections are made of.
extension HTMLText {
    static func section(_ id: HTMLText, _ heading: HTMLText, _ body: HTMLText) -> HTMLText {
        """
        <section aria-labelledby="\(id)">
        <h2 id="\(id)">\(heading)</h2>
        \(body)
        </section>
        """
    }

    /// A list of names and values; entries without a value are left out.
    static func facts(_ entries: [(HTMLText, HTMLText?)]) -> HTMLText {
        let rows = entries.compactMap { name, value in value.map { "<dt>\(name)</dt><dd>\($0)</dd>" as HTMLText } }
        return "<dl class=\"facts\">\n\(rows.joined())\n</dl>"
    }

    static func code(_ text: String) -> HTMLText { "<code>\(text)</code>" }

    /// Text from elsewhere whose direction must not spread into ours.
    static func foreign(_ text: String) -> HTMLText { "<bdi>\(text)</bdi>" }

    static func time(_ time: Timestamp) -> HTMLText { "<time datetime=\"\(time.text)\">\(Readable.moment(time))</time>" }

    static func longTime(_ time: Timestamp) -> HTMLText { "<time datetime=\"\(time.text)\">\(Readable.longMoment(time))</time>" }

    static func list(_ items: [HTMLText]) -> HTMLText {
        items.isEmpty ? .none : "<ul>\(items.map { "<li>\($0)</li>" as HTMLText }.joined())</ul>"
    }

    /// A table that becomes a stack of entries on a telephone.
    static func table(_ caption: HTMLText, _ columns: [HTMLText], _ rows: [HTMLText]) -> HTMLText {
        """
        <table class="stacked">
        <caption>\(caption)</caption>
        <thead><tr>\(columns.map { "<th scope=\"col\">\($0)</th>" as HTMLText }.joined(separator: ""))</tr></thead>
        <tbody>
        \(rows.joined())
        </tbody>
        </table>
        """
    }

    static func cell(_ label: HTMLText, _ content: HTMLText) -> HTMLText { "<td data-label=\"\(label)\">\(content)</td>" }
}
