/// One row: a value per column in its type's text form, `nil` for NULL. An empty string is not NULL.
package typealias PostgresRow = [String?]

/// The answer to a statement.
package struct PostgresRows: Sendable, Equatable {
    package struct Column: Sendable, Equatable {
        package let name: String
        /// The type's oid, see `pg_type`.
        package let type: UInt32
    }
    package var columns: [Column] = []
    package var rows: [PostgresRow] = []
    /// What the server says it did, such as `INSERT 0 3`; empty for an empty statement.
    package var commandTag = ""
    /// Rows written, returned or copied, where the command has such a number.
    package var affectedRows: Int?

    package init() {}
}
