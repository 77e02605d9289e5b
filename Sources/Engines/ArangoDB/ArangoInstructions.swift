import Recovery

/// `RESTORE.txt`: how to restore a backup with arangorestore, on the day that lifeboat is gone.
struct ArangoInstructions {
    private let manifest: Manifest

    init(_ manifest: Manifest) { self.manifest = manifest }

    private var folders: [String] {
        let ending = "/" + DumpFileNames.description
        return manifest.artifacts.map(\.key).filter { $0.hasPrefix("dump/") && $0.hasSuffix(ending) }.map {
            String($0.dropLast(ending.count))
        }
        .sorted()
    }

    var text: String {
        let version = ArangoVersion(manifest.engineVersion)?.numbers ?? manifest.engineVersion
        return """
            How to restore this backup without lifeboat
            ===========================================

            It holds databases of ArangoDB as arangodump writes them: \(folders.joined(separator: ", ").onOneLine).
            arangorestore, zstd and sha256sum are enough.

              backup          \(manifest.id)
              server          \(manifest.source.address.onOneLine), ArangoDB \(version.onOneLine)
              restores to     \(manifest.recoveryPoint) (nothing later is in it)

            1. Check that every file is what it was. arangorestore takes a structure without its documents for an empty
               collection, and says nothing. In this folder, compare what

                 find dump -type f -exec sha256sum {} +

               prints with the "sha256" under "stored" of each artifact in manifest.json.

            2. What was inside stands in the inventory, a JSON object a line, with the number of documents:

                 zstd -dc \(manifest.inventory) | grep '"kind":"collection"'

            3. On ArangoDB of the same minor version or a later one. Graphs, analyzers and functions are in system
               collections, which arangorestore leaves out unless it is told to take them; it drops collections that are
               there under the same name. It reads the password from a variable that is named between two @.

                 export ARANGO_PASSWORD=…
            \(folders.map { "     arangorestore --server.endpoint tcp://HOST:8529 --server.username root --server.password @ARANGO_PASSWORD@ \\\n         --server.database NAME --create-database true --include-system-collections true \\\n         --input-directory \($0.onOneLine)" }.joined(separator: "\n"))

               The name of each database is in its dump.json. Accounts are in _users of database _system; restoring that
               one last keeps the login that is used until the end. Who may use which database is lost where a database
               was dropped; it stands in the inventory ('"kind":"grant"') and is granted again by hand.

            4. Count every collection, and compare with the inventory.

            """ + manifest.runbookAppendix
    }
}
