import Recovery

/// A target's `url:` as the configuration writes it: `https://root@arango.internal:8529/app?ca=/etc/ssl/arango.pem`, in the forms that
/// arangodump and the drivers know (contract 13), with the database behind the host; without one, all databases are meant.
enum ArangoAddress {
    private typealias Option = ArangoServer.Option
    private static let schemes = [
        "http": "http", "https": "https", "tcp": "http", "http+tcp": "http", "ssl": "https", "http+ssl": "https",
    ]
    private static let example = "write it as http://USER@HOST:8529/DATABASE"

    static func read(_ url: String, of target: String) throws -> ServerAddress {
        func refuse(_ problem: String, _ hint: String = example) -> Failure {
            Failure(.configuration, "the url of target '\(target)' cannot be understood: \(problem)", hint: hint)
        }
        for prefix in ["unix://", "http+unix://"] where url.hasPrefix(prefix) {
            return try socket(String(url.dropFirst(prefix.count)), refuse)
        }
        let address: WebAddress
        do { address = try WebAddress(url) } catch {
            throw refuse(error.problem, error.hint ?? error.host.map { "write it as http://\($0):8529" } ?? example)
        }
        guard let scheme = schemes[address.scheme] else {
            throw refuse(
                "'\(address.scheme)' is no scheme of ArangoDB's interface", "write http://, https:// or unix:///path/of/the/socket")
        }
        var user: String?
        if let login = address.user {
            guard !login.contains(":") else {
                throw Failure(
                    .configuration, "the url of target '\(target)' holds a password",
                    hint: "write the password beside it, as in password: {file: /run/secrets/…} or {env: NAME}")
            }
            guard let name = String(login).removingPercents, !name.isEmpty else { throw refuse("its user is none") }
            user = name
        }
        var options = [Option.scheme: scheme]
        var (database, prefix) = try split(address.path, refuse)
        if !prefix.isEmpty { options[Option.prefix] = prefix }
        try read(address.arguments, &options, &database, refuse)
        return ServerAddress(
            host: address.host, port: address.port ?? 8529, user: user ?? "root", password: nil, database: database, options: options)
    }

    /// `/app` and `/_db/app` name a database; what stands before `/_db/` is a proxy's.
    private static func split(_ path: String, _ refuse: (String, String) -> Failure) throws -> (database: String?, prefix: String) {
        guard !path.isEmpty else { return (nil, "") }
        var prefix = ""
        var name = path.dropFirst()
        if let mark = path.firstRange(of: "/_db/") {
            prefix = String(path[..<mark.lowerBound])
            name = path[mark.upperBound...]
        }
        guard !name.contains("/"), let database = String(name).removingPercents else {
            throw refuse("'\(path)' names no database", "write /DATABASE behind the host, or /a/path/_db/DATABASE behind a proxy")
        }
        try check(database, refuse)
        return (database, prefix)
    }

    private static func check(_ database: String, _ refuse: (String, String) -> Failure) throws {
        if let problem = ArangoName.problem(withDatabase: database) {
            throw refuse("'\(database)' cannot be a database: \(problem)", ArangoName.databaseRule)
        }
    }

    private static func socket(_ text: String, _ refuse: (String, String) -> Failure) throws -> ServerAddress {
        let path = text.prefix { $0 != "?" }
        guard path.hasPrefix("/"), path.count > 1, let socket = String(path).removingPercents else {
            throw refuse("it names no socket", "write it as unix:///run/arangodb3/arangodb.sock?database=DATABASE&user=USER")
        }
        var options: [String: String] = [:]
        var database: String?
        var user: String?
        let arguments = text.dropFirst(path.count).dropFirst().split(separator: "&").map { pair -> (name: String, value: String?) in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            return (parts.first ?? "", parts.count == 2 ? parts[1].removingPercents : nil)
        }
        user = arguments.first { $0.name == "user" }?.value
        try read(arguments.filter { $0.name != "user" }, &options, &database, refuse)
        return ServerAddress(host: socket, port: 0, user: user ?? "root", password: nil, database: database, options: options)
    }

    private static func read(
        _ arguments: [(name: String, value: String?)], _ options: inout [String: String], _ database: inout String?,
        _ refuse: (String, String) -> Failure
    ) throws {
        for (name, value) in arguments {
            switch (name, value) {
            case (Option.caFile, let value?), (Option.certificate, let value?), (Option.key, let value?): options[name] = value
            case (Option.auth, Option.token?): options[name] = Option.token
            case (Option.auth, "basic"?): break
            case ("database", let value?):
                try check(value, refuse)
                database = value
            default:
                // Without its value: some write the password there.
                throw refuse(
                    "'\(name)' is nothing that a url of ArangoDB takes, or has a value that it does not",
                    "behind '?' there may be ca=, cert= and key= with paths of PEM files, auth=basic or auth=jwt, and database=")
            }
        }
    }
}
