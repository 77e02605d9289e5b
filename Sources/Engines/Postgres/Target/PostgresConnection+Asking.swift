import Bindings

extension PostgresConnection {
    /// A small question, mostly to the catalog, that a server which works answers at once. One that seems to be there and says
    /// nothing more is not waited for: an outage of what is to be recovered must not hold its recovery up.
    @discardableResult
    func ask(_ sql: String, _ parameters: [PostgresParameter] = []) async throws -> PostgresRows {
        try await query(sql, parameters, deadline: patience)
    }
}
