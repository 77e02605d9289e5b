import CPostgres

extension PostgresParameters {
    /// Reads `postgres://…`, `postgresql://…` or `key=value …` with libpq's own reader.
    ///
    /// Nothing is filled in from the environment or the home folder; host, user and database have to be there. A password
    /// inside is accepted. Throws a `PostgresError` of kind `invalidInput` that quotes no part of a string which might hold
    /// a password.
    package init(parsing text: String) throws(PostgresError) {
        let options = try Self.options(in: text)
        var rest = options
        func take(_ key: String) -> String? { rest.removeValue(forKey: key) }
        func number(_ key: String) throws(PostgresError) -> Int? {
            guard let text = take(key) else { return nil }
            guard let number = Int(text), number >= 0 else {
                throw PostgresError(.invalidInput, "'\(key)' in the connection string is not a number: \(text)")
            }
            return number
        }
        func required(_ key: String, _ name: String) throws(PostgresError) -> String {
            guard let value = take(key), !value.isEmpty else {
                throw PostgresError(.invalidInput, "the connection string names no \(name)")
            }
            return value
        }

        let host = try required("host", "host")
        guard !host.contains(",") else {
            throw PostgresError(.invalidInput, "the connection string names several hosts; name the one server to act on")
        }
        let port = try number("port") ?? 5432
        guard (1...65535).contains(port) else {
            throw PostgresError(.invalidInput, "'port' in the connection string is not between 1 and 65535: \(port)")
        }
        let mode = take("sslmode")
        guard let sslMode = mode.map(SSLMode.init(rawValue:)) ?? .prefer else {
            throw PostgresError(
                .invalidInput,
                "'sslmode' in the connection string is none of "
                    + SSLMode.allCases.map(\.rawValue).joined(separator: ", ") + ": \(mode ?? "")")
        }
        self.init(
            host: host, port: port, user: try required("user", "user"), password: take("password"),
            database: try required("dbname", "database"), sslMode: sslMode, sslRootCert: take("sslrootcert"), sslCert: take("sslcert"),
            sslKey: take("sslkey"), applicationName: take("application_name") ?? "lifeboat", options: take("options"))
        if let seconds = try number("connect_timeout"), seconds > 0 { connectTimeout = .seconds(seconds) }
        let keepsAlive = try number("keepalives") ?? 1
        var keepAlive = KeepAlive()
        if let seconds = try number("keepalives_idle") { keepAlive.idle = .seconds(seconds) }
        if let seconds = try number("keepalives_interval") { keepAlive.interval = .seconds(seconds) }
        if let count = try number("keepalives_count") { keepAlive.count = count }
        self.keepAlive = keepsAlive == 0 ? nil : keepAlive

        guard let unknown = rest.keys.min() else { return }
        throw PostgresError(.invalidInput, "'\(unknown)' is not supported in a connection string here")
    }

    private static func options(in text: String) throws(PostgresError) -> [String: String] {
        guard !text.utf8.contains(0) else { throw PostgresError(.invalidInput, "the connection string contains a NUL byte") }
        var message: UnsafeMutablePointer<CChar>?
        guard let parsed = PQconninfoParse(text, &message) else {
            defer { PQfreemem(message) }
            let words = message.map { String(cString: $0) } ?? "libpq is out of memory"
            throw PostgresError(.invalidInput, "the connection string cannot be read: " + quoting(words, of: text))
        }
        defer { PQconninfoFree(parsed) }
        var options: [String: String] = [:]
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return options
    }

    /// libpq quotes the piece it stumbled over, and an unescaped password is what people stumble over most.
    private static func quoting(_ words: String, of text: String) -> String {
        let words = words.trimmingNewlines
        guard text.contains("@") || text.lowercased().contains("password") else { return words }
        let pieces = words.split(separator: "\"", omittingEmptySubsequences: false)
        guard let first = pieces.first, let last = pieces.last, pieces.count > 2 else { return words }
        return "\(first)\"…\"\(last)"
    }
}
