import Bindings
import Recovery

/// What one of PostgreSQL's own programs needs to log in: a connection string without a password, and an environment that
/// names a file (mode 0600) with it. The file is gone when `use` returns.
package struct PostgresLogin: Sendable {
    /// For `--dbname`.
    package let connection: String
    package let environment: [String: String]

    /// - Parameters:
    ///   - folder: where the password's file lies meanwhile: the run's scratch folder, which `sweep` clears.
    ///   - options: settings of the session, such as `-c statement_timeout=0`.
    package static func use<Result: Sendable>(
        _ parameters: PostgresParameters, password: Secret?, folder: String, options: String? = nil,
        _ use: (PostgresLogin) async throws -> Result
    ) async throws -> Result {
        try await self.use(parameters, password: password, in: LocalFolder(path: folder), options: options, use)
    }

    /// The same in a folder that may be inside a container.
    package static func use<Result: Sendable>(
        _ parameters: PostgresParameters, password: Secret?, in folder: any PrivateFolder, options: String? = nil,
        _ use: (PostgresLogin) async throws -> Result
    ) async throws -> Result {
        let file = "login-\(randomHex(8))"
        let line = try password.map { try passwordLine($0) } ?? ""
        do { try await folder.write(file, Array(line.utf8)) } catch let error as FileError {
            throw Failure(
                .localStorage, "cannot write the file that hands the password on to PostgreSQL's programs",
                hint: "check that \(folder.path) can be written and its disk has room", cause: error)
        } catch {
            // Part of it may be there.
            await uncancelled { await folder.remove(file) }
            throw error
        }
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await use(PostgresLogin(parameters, passwordFile: "\(folder.path)/\(file)", options: options))) } catch
        {
            outcome = .failure(error)
        }
        await uncancelled { await folder.remove(file) }
        return try outcome.get()
    }

    private init(_ parameters: PostgresParameters, passwordFile: String, options: String?) {
        // A file that cannot be there: what lies in a home folder must not decide anything.
        let nowhere = "/dev/null/none"
        let all = [parameters.options, options].compactMap { $0 }.joined(separator: " ")
        let settings = [
            ("host", parameters.host), ("port", "\(parameters.port)"), ("user", parameters.user), ("dbname", parameters.database),
            ("sslmode", parameters.sslMode.rawValue), ("sslrootcert", parameters.sslRootCert ?? nowhere),
            ("sslcert", parameters.sslCert ?? nowhere), ("sslkey", parameters.sslKey ?? nowhere), ("gssencmode", "disable"),
            ("connect_timeout", "\(max(2, parameters.connectTimeout.components.seconds))"),
            ("application_name", parameters.applicationName), ("options", all),
        ]
        connection = settings.filter { !$0.1.isEmpty }.map { "\($0)=\(Self.quoted($1))" }.joined(separator: " ")
        // Their words are read by us, so they have to be in one language.
        environment = ["PGPASSFILE": passwordFile, "LC_ALL": "C.UTF-8", "LANGUAGE": ""]
    }

    /// As a connection string takes a value. A database's name may look like a connection string itself.
    private static func quoted(_ value: String) -> String { "'\(escaped(value, "\\'"))'" }

    private static func passwordLine(_ password: Secret) throws -> String {
        try password.reveal { password in
            guard !password.unicodeScalars.contains(where: { $0 == "\n" || $0 == "\r" || $0 == "\0" }) else {
                throw Failure(
                    .configuration, "the password holds a line break, which PostgreSQL's programs cannot be given",
                    hint: "choose another password for this account")
            }
            return "*:*:*:*:\(escaped(password, "\\:"))\n"
        }
    }

    /// By unicode scalars: a sign followed by a combining mark is one character, and still that sign to libpq.
    private static func escaped(_ text: String, _ signs: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if signs.unicodeScalars.contains(scalar) { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }
}
