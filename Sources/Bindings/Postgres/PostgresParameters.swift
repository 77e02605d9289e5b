/// Where a server is and how to log in. The password never prints: not in descriptions, not in dumps.
package struct PostgresParameters: Sendable, Equatable {
    /// A name, an address, or a folder (starting with `/`) that holds the server's Unix socket. One host: a recovery acts on
    /// one server, so lists are refused.
    package var host: String
    package var port: Int
    package var user: String
    /// Any characters are allowed; nothing in it is taken for a connection string.
    package var database: String
    package var sslMode: SSLMode
    /// The certificates to trust (PEM). Required by `verifyCA` and `verifyFull`.
    package var sslRootCert: String?
    package var sslCert: String?
    package var sslKey: String?
    package var applicationName: String
    /// For looking the name up, connecting, TLS and logging in together.
    package var connectTimeout: Duration
    /// Command-line options for the server session, such as `-c search_path=app`.
    package var options: String?
    package var keepAlive: KeepAlive?
    /// How long a server may take to react to a cancel request before its connection is cut.
    package var cancelGrace: Duration
    // Seen inside this module only, and by what opens the connection only.
    let password: String?

    package enum SSLMode: String, Sendable, CaseIterable {
        case disable
        case allow
        case prefer
        case require
        case verifyCA = "verify-ca"
        case verifyFull = "verify-full"
    }

    /// Probes of the kernel that notice a host that has gone. Whole seconds.
    package struct KeepAlive: Sendable, Equatable {
        package var idle: Duration
        package var interval: Duration
        package var count: Int

        package init(idle: Duration = .seconds(30), interval: Duration = .seconds(10), count: Int = 3) {
            self.idle = idle
            self.interval = interval
            self.count = count
        }
    }

    package init(
        host: String, port: Int = 5432, user: String, password: String? = nil, database: String, sslMode: SSLMode = .prefer,
        sslRootCert: String? = nil, sslCert: String? = nil, sslKey: String? = nil, applicationName: String = "lifeboat",
        connectTimeout: Duration = .seconds(10), options: String? = nil, keepAlive: KeepAlive? = KeepAlive(),
        cancelGrace: Duration = .seconds(5)
    ) {
        self.host = host
        self.port = port
        self.user = user
        self.password = password
        self.database = database
        self.sslMode = sslMode
        self.sslRootCert = sslRootCert
        self.sslCert = sslCert
        self.sslKey = sslKey
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.options = options
        self.keepAlive = keepAlive
        self.cancelGrace = cancelGrace
    }

    package var hasPassword: Bool { password != nil }

    /// The same server and session, logging in as somebody else.
    package func login(user: String, password: String?) -> PostgresParameters {
        PostgresParameters(
            host: host, port: port, user: user, password: password, database: database, sslMode: sslMode, sslRootCert: sslRootCert,
            sslCert: sslCert, sslKey: sslKey, applicationName: applicationName, connectTimeout: connectTimeout, options: options,
            keepAlive: keepAlive, cancelGrace: cancelGrace)
    }

    /// The same server and login, in another database.
    package func database(_ name: String) -> PostgresParameters {
        var other = self
        other.database = name
        return other
    }
}

extension PostgresParameters: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `user@host:port/database`; unescaped.
    package var description: String { "\(user)@\(host):\(port)/\(database)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["server": description, "sslMode": sslMode]) }
}
