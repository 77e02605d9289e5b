/// What a server says without being asked: warnings, notices. The texts are the server's, unescaped.
package struct PostgresNotice: Sendable, Equatable {
    package let severity: String
    package let sqlState: String?
    package let message: String
    package let detail: String?
    package let hint: String?
}
