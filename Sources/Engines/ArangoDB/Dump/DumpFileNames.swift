import Bindings

/// What the files of a dumped database are called by arangodump (contract 12).
enum DumpFileNames {
    static let description = "dump.json"
    static let encryption = "ENCRYPTION"
    static let structureEnd = ".structure.json"
    static let viewEnd = ".view.json"

    /// - Parameter id: the collection's, which stands for a name that not every version takes.
    static func structure(of collection: String, id: String) -> String { base(collection, id) + structureEnd }
    static func data(of collection: String, id: String) -> String { base(collection, id) + ".data.json.gz" }
    static func view(_ name: String, id: String) -> String { plain(name, id, longest: 256) + viewEnd }

    /// The folder of one of several databases.
    static func folder(of database: String, id: String) -> String { plain(database, id, longest: 64) }

    private static func base(_ collection: String, _ id: String) -> String {
        "\(plain(collection, id, longest: 256))_\(hash(of: collection))"
    }

    /// Stands behind the name, or behind the id: it is that of the name.
    static func hash(of collection: String) -> String { MD5.hexDigest(of: Array(collection.utf8)) }

    private static func plain(_ name: String, _ id: String, longest: Int) -> String {
        // With the hash and the ending a component would be longer than file systems take.
        ArangoName.isTraditional(name, longest: min(longest, 200)) ? name : id
    }
}
