import Documents

/// Sample queries in SQL.
enum SQLSamples: SampleLanguage {
    static var key: String { "sql" }
    static var about: String { "one statement; it runs in a transaction that cannot write" }
    static var noBindings: [BindValue] { [] }
    static var aboutBindings: String { "values for $1, $2, …" }
}

extension SampleQueryDocument<SQLSamples> {
    var sample: SQLSample { SQLSample(query, sql: text, bind: bindings.map(\.parameter)) }
}
