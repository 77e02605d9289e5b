import Bindings

/// Names that a database may have, and that must do no harm to terminals, pages, shells and documents.
enum HostileName {
    static let database = "data\"base' <script>alert(1)</script>\n\u{1B}[31m\u{202E}\u{1F480}"
    static let schema = "sche\"ma; 'x' & <b>"
    static let table = "ta\"ble\n<script>alert(2)</script> $1 %s"
    static let escapes = "\u{1B}]0;owned\u{7}\u{9B}2J \\. \\n"
    static let rightToLeft = "\u{202E}gpj.exe\u{202C}\u{2067}\u{200F}\u{200B}"
    /// 63 bytes, the most there can be.
    static let longest = String(repeating: "\u{E9}", count: 31) + "x"
    static let emoji = "\u{1F469}\u{200D}\u{1F692}\u{1F6F6} ${HOME} `id` ../.."
    static let column = "col\"umn\t'; DROP TABLE x; -- <img src=x onerror=alert(3)>"
    static let role = "ro\"le <i>\u{202E}\u{1B}[5m"

    static let all = [database, schema, table, escapes, rightToLeft, longest, emoji, column, role]

    /// What no page and no terminal may ever be given as it is.
    static let harmful = ["<script", "<img", "<b>", "<i>", "\u{1B}", "\u{7}", "\u{9B}", "\u{202E}", "\u{2067}", "\u{200B}"]

    /// `{table}` and its like in SQL, as identifiers.
    static func filledIn(_ sql: String) throws -> String {
        let names = [
            "schema": schema, "table": table, "escapes": escapes, "rtl": rightToLeft, "longest": longest, "emoji": emoji, "column": column,
            "role": role, "database": database,
        ]
        let filled = sql.replacing("{escapes_literal}", with: try quoteLiteral(escapes))
        return try names.reduce(filled) { $0.replacing("{\($1.key)}", with: try quoteIdentifier($1.value)) }
    }
}
