import CPostgres
import Glibc

extension PostgresHandle {
    /// Connects and logs in, or ends at the deadline, or soon after `isCancelled`. Blocks the calling thread.
    static func connect(
        _ parameters: PostgresParameters, notices: PostgresNotices, unless isCancelled: () -> Bool
    ) throws(PostgresError) -> PostgresHandle {
        _ = environmentIsIgnored
        try parameters.check()
        let end = ContinuousClock.now + parameters.connectTimeout
        var addresses: [String] = []
        if !parameters.host.isSocketFolder {
            addresses = try HostLookup.addresses(of: parameters.host, until: end, unless: isCancelled)
        }
        let attempt = try Attempt(parameters, addresses: addresses)
        notices.receive(from: attempt.pointer)
        // The only way to learn the SQLSTATE of a refused login: in this verbosity it is part of the message.
        PQsetErrorVerbosity(attempt.pointer, PQERRORS_VERBOSE)

        var next = PQstatus(attempt.pointer) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while next != PGRES_POLLING_OK {
            guard next != PGRES_POLLING_FAILED else { throw attempt.failure }
            var descriptor = pollfd(
                fd: PQsocket(attempt.pointer), events: Int16(next == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
            let left = end - .now
            if isCancelled() { throw PostgresError(.cancelled, "cancelled while connecting to \(parameters)") }
            if left <= .zero {
                throw PostgresError(.noAnswer, "no connection to \(parameters) within \(parameters.connectTimeout)")
            }
            // In slices, to notice a cancelled task; an answer ends a slice at once.
            let ready = poll(&descriptor, 1, Int32(max(1, min(25, left / .milliseconds(1)))))
            if ready > 0 || (ready < 0 && errno != EINTR) { next = PQconnectPoll(attempt.pointer) }
        }
        PQsetErrorVerbosity(attempt.pointer, PQERRORS_DEFAULT)
        return try PostgresHandle(adopting: attempt.release(), notices: notices, grace: parameters.cancelGrace)
    }

    /// What libpq would read for anything that is not said: PGHOST and PGSERVICE, PGOPTIONS, PGTZ and so on. Most can be
    /// overruled by a value, the service cannot, so they are removed from this process, once.
    private static let environmentIsIgnored: Bool = {
        let defaults = PQconndefaults()
        defer { PQconninfoFree(defaults) }
        var option = defaults
        while let current = option, current.pointee.keyword != nil {
            if let name = current.pointee.envvar { unsetenv(name) }
            option = current + 1
        }
        for name in ["PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGDATESTYLE", "PGTZ", "PGGEQO", "PGPASSFILE", "PGREALM"] {
            unsetenv(name)
        }
        return true
    }()

    /// Owns `PGconn *` until it is logged in.
    private struct Attempt: ~Copyable {
        let pointer: OpaquePointer

        init(_ parameters: PostgresParameters, addresses: [String]) throws(PostgresError) {
            let settings = parameters.settings(addresses: addresses)
            var keys: [UnsafePointer<CChar>?] = []
            var values: [UnsafePointer<CChar>?] = []
            defer { for text in keys + values { free(UnsafeMutablePointer(mutating: text)) } }
            for (key, value) in settings {
                keys.append(UnsafePointer(strdup(key)))
                values.append(UnsafePointer(strdup(value)))
            }
            keys.append(nil)
            values.append(nil)
            // The last argument: a database name is a name, even if it looks like a connection string.
            guard let pointer = PQconnectStartParams(keys, values, 0) else {
                throw PostgresError(.unreachable, "libpq is out of memory")
            }
            self.pointer = pointer
        }

        deinit { PQfinish(pointer) }

        consuming func release() -> OpaquePointer {
            let pointer = pointer
            discard self
            return pointer
        }

        var failure: PostgresError {
            let message = String(cString: PQerrorMessage(pointer)).trimmingNewlines
            return PostgresError(connecting: message, passwordIsMissing: PQconnectionNeedsPassword(pointer) == 1)
        }
    }
}

extension String {
    fileprivate var isSocketFolder: Bool { hasPrefix("/") }
}

extension PostgresParameters {
    fileprivate func check() throws(PostgresError) {
        let texts: [(String, String?)] = [
            ("host", host), ("user", user), ("password", password), ("database", database), ("sslRootCert", sslRootCert),
            ("sslCert", sslCert), ("sslKey", sslKey), ("applicationName", applicationName), ("options", options),
        ]
        for (name, text) in texts where text?.utf8.contains(0) == true {
            throw PostgresError(.invalidInput, "the connection's \(name) contains a NUL byte")
        }
        // Empty ones would be filled in by libpq.
        for (name, text) in [("host", host), ("user", user), ("database", database)] where text.isEmpty {
            throw PostgresError(.invalidInput, "the connection names no \(name)")
        }
        guard !host.contains(",") else {
            throw PostgresError(.invalidInput, "several hosts are named (\(host)); name the one server to act on")
        }
        guard (1...65535).contains(port) else { throw PostgresError(.invalidInput, "the port is not between 1 and 65535: \(port)") }
        if sslMode == .verifyCA || sslMode == .verifyFull, sslRootCert == nil {
            throw PostgresError(.invalidInput, "sslmode \(sslMode.rawValue) needs the certificates to trust")
        }
    }

    /// Everything that libpq would otherwise look for in the environment or the home folder.
    fileprivate func settings(addresses: [String]) -> [(String, String)] {
        // A file that cannot exist: /dev/null itself makes libpq complain on standard error.
        let nowhere = "/dev/null/none"
        var settings = [
            ("port", String(port)), ("user", user), ("dbname", database), ("passfile", nowhere),
            ("sslmode", sslMode.rawValue), ("sslrootcert", sslRootCert ?? nowhere), ("sslcert", sslCert ?? nowhere),
            ("sslkey", sslKey ?? nowhere), ("sslcrl", nowhere), ("gssencmode", "disable"), ("client_encoding", "UTF8"),
            ("target_session_attrs", "any"), ("application_name", applicationName.isEmpty ? "lifeboat" : applicationName),
            ("host", addresses.isEmpty ? host : Array(repeating: host, count: addresses.count).joined(separator: ",")),
        ]
        if !addresses.isEmpty { settings.append(("hostaddr", addresses.joined(separator: ","))) }
        if let password, !password.isEmpty { settings.append(("password", password)) }
        if let options, !options.isEmpty { settings.append(("options", options)) }
        settings.append(("keepalives", keepAlive == nil ? "0" : "1"))
        if let keepAlive {
            settings.append(("keepalives_idle", String(keepAlive.idle.components.seconds)))
            settings.append(("keepalives_interval", String(keepAlive.interval.components.seconds)))
            settings.append(("keepalives_count", String(keepAlive.count)))
        }
        return settings
    }
}
