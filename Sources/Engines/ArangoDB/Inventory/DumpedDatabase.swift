import Documents
import Recovery

/// What of a database an inventory keeps.
struct DumpedDatabase: Sendable {
    static let kind = "database"

    let name: String
    /// The folder of the dump, as a prefix of the keys of its parts.
    let folder: String
    /// Whether collections that it had were left out by the policy, or a single one was asked for.
    let isPartial: Bool
    var collections: [DumpedCollection] = []
    var views: [DumpedView] = []
    /// Named graphs, and analyzers by their name without the database: by kind and name, with their definition.
    var definitions: [Definition] = []

    /// Of accounts, which are not in it themselves.
    var grants: [ArangoGrant] = []

    struct Definition: Sendable, Equatable {
        enum Kind: String, Sendable, CaseIterable { case graph, analyzer }

        let kind: Kind
        let name: String
        let definition: JSONValue
    }

    struct DumpedView: Sendable, Equatable {
        static let kind = "view"

        let name: String
        let type: String
        let definition: [UInt8]
        let part: String

        var restorable: RestorableView { RestorableView(name: name, type: type, definition: definition) }
    }

    /// Whose documents are compared after a restore. Others a server writes by itself, or they stay those of the server that is restored
    /// onto.
    static let notCompared: Set<String> = ["_users", "_jobs", "_queues", "_frontend", "_apps", "_appbundles", "_fishbowl"]
}
