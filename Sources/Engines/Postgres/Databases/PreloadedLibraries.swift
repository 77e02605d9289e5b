import Bindings
import Recovery

/// What a server loads before anybody logs in (`shared_preload_libraries`), and which extensions of a backup were used to that.
enum PreloadedLibraries {
    /// The fact of the inventory's server; absent where the account may not know.
    static let fact = "preloaded libraries"

    /// Names without folder and suffix, out of a list as the server writes it.
    static func names(in list: String) -> Set<String> {
        Set(
            list.split(separator: ",").map { entry in
                let path = entry.filter { $0 != "\"" && !$0.isWhitespace }
                let file = path.split(separator: "/").last ?? ""
                return String(file.hasSuffix(".so") ? file.dropLast(3) : file)
            }
        ).subtracting([""])
    }

    /// What the server loads; nil when the account may not know.
    static func read(through session: PostgresConnection) async throws -> Set<String>? {
        let answer = try await session.query("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'shared_preload_libraries'")
        return answer.rows.first?.first.flatMap { $0 }.map(names)
    }

    /// How PostgreSQL and extensions say that they cannot do without.
    static func isMissed(in words: String) -> Bool {
        ["shared_preload_libraries", "must be preloaded", "must be loaded via"].contains { words.contains($0) }
    }

    /// Why that stops a restore, for the hint.
    static let advice =
        "an extension works only where its library is preloaded: add it to the server's shared_preload_libraries and restart it. "
        + "A drill's disposable server preloads nothing, since such libraries run what was not asked for (jobs, connections): "
        + "rehearse this database on a staging server with `lifeboat run`"

    /// Settings that have a library loaded at every login to their database.
    static let settings: Set<String> = ["session_preload_libraries", "local_preload_libraries"]
}

extension PostgresBackup {
    /// Extensions whose library the source had preloaded, by name.
    var extensionsWithPreloadedLibrary: [String] { extensions.map(\.name).filter(preloaded.contains).sorted() }
}
