/// The database that the demo loses: a small library. 2,000 books in 8,000 chunks with embeddings, 500 readers, 5,000 loans.
///
/// Every value is the same on every machine, so that shipped runbooks can say what their sample queries have to find; only
/// dates are relative to the moment it is made, so that the newest loan is always two minutes old.
enum LibraryData {
    /// For an empty database on a server with pgvector, as a user who may create extensions; one transaction.
    static let sql = [tables, rows, indexes].joined(separator: "\n")
}
