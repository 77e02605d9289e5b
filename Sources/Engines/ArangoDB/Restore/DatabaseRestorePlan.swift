import Documents
import Recovery

/// What of a dump is restored into a database, and in which order (contract 11, 14).
struct DatabaseRestorePlan: Sendable {
    struct Member: Sendable {
        let collection: RestorableCollection
        let structure: StructureText
        var name: String { collection.name }
    }

    /// In the order in which they have to be made: what others are spread like, documents before edges, the system's before others.
    private(set) var members: [Member] = []
    /// Definitions of analyzers; indexes and views name them.
    private(set) var analyzers: Member?
    /// The accounts of the server, written last: the login that is used may change with them.
    private(set) var users: RestorableCollection?
    /// Those that name collections before those that name indexes.
    private(set) var views: [RestorableView] = []
    private(set) var leftOut: [NotExercised] = []

    static let analyzersName = "_analyzers"
    /// System collections that hold what applications define, and what one of it is called.
    static let definitions = [("_graphs", "graph"), (analyzersName, "analyzer"), ("_aqlfunctions", "function")]
    static let usersName = "_users"

    /// Throws `Failure(.damaged)`.
    init(_ source: any DumpedDatabaseSource, into database: String, withUsers: Bool) throws {
        for collection in source.collections {
            try ArangoName.check(collection: collection.name)
            if let reason = Self.reasonToLeaveOut(collection.name, database, withUsers) {
                leftOut.append(NotExercised("collection \(collection.name)", because: reason))
                continue
            }
            if collection.name == Self.usersName {
                users = collection
                continue
            }
            let member = Member(collection: collection, structure: try StructureText(collection))
            guard !member.structure.isDeleted else {
                leftOut.append(NotExercised("collection \(collection.name)", because: "it was being dropped when the dump was made"))
                continue
            }
            members.append(member)
        }
        members.sort { Self.place($0) < Self.place($1) }
        analyzers = members.first { $0.name == Self.analyzersName }
        views = source.views.sorted { (Self.place($0), $0.name) < (Self.place($1), $1.name) }
    }

    /// Nothing of a collection is restored.
    mutating func leaveOut(_ name: String) { members.removeAll { $0.name == name } }

    private static func reasonToLeaveOut(_ name: String, _ database: String, _ withUsers: Bool) -> String? {
        if name.hasPrefix("_statistics") { return "every server fills it by itself" }
        guard name == usersName else { return nil }
        if database != "_system" { return "accounts are kept in database _system only" }
        return withUsers ? nil : "the accounts of this server stay as they are, unless they are asked for"
    }

    private static func place(_ member: Member) -> (Int, Int, Int, String, String) {
        (
            member.structure.isSpreadLikeAnother ? 1 : 0, member.collection.isEdge ? 1 : 0, member.name.hasPrefix("_") ? 0 : 1,
            member.name.lowercased(), member.name
        )
    }

    private static func place(_ view: RestorableView) -> Int { view.type == "search-alias" ? 1 : 0 }

    /// The services of a server are in these.
    var holdsServices: Bool { members.contains { ["_apps", "_appbundles"].contains($0.name) } }
}
