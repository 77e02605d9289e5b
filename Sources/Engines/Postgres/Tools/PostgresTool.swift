/// A program of PostgreSQL's own, found on this machine or in a container.
package struct PostgresTool: Sendable, Hashable {
    package let path: String
    package let version: PostgresVersion
    /// The container that it lies in; nil for this machine.
    package let container: String?

    package init(path: String, version: PostgresVersion, container: String? = nil) {
        self.path = path
        self.version = version
        self.container = container
    }

    /// Parts of what libpq says when a connection is gone, or cannot be made; which one depends on what was being done just then.
    static let lostConnection = [
        "server closed the connection", "connection to server", "terminating connection", "no connection to the server",
        "could not receive data from server", "could not send data to server", "SSL connection has been", "SSL SYSCALL error",
    ]

    /// `pg_restore`.
    package var name: String { path.split(separator: "/").last.map(String.init) ?? path }
}

/// The programs of a server, of one version, in one folder.
package struct PostgresInstallation: Sendable, Hashable {
    package let folder: String
    package let version: PostgresVersion

    package init(folder: String, version: PostgresVersion) {
        self.folder = folder
        self.version = version
    }

    package func path(of program: String) -> String { "\(folder)/\(program)" }
}
