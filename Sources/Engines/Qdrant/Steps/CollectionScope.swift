import Bindings
import Documents
import Recovery

/// What a step is about: one collection, or every one that a backup holds.
struct CollectionScope: Sendable {
    /// A collection on the target, and what it is called in the backup.
    struct Member: Sendable, Hashable {
        let name: String
        let nameInBackup: String
    }

    private enum Extent: Sendable {
        case one(Member)
        case all(ofBackup: String)
    }

    private let extent: Extent

    init(collection: CollectionName?, nameInBackup: CollectionName?, allOf: Name?, at node: YAMLNode) throws(InvalidDocument) {
        if let allOf {
            guard nameInBackup == nil else {
                throw InvalidDocument(
                    "`name_in_backup:` belongs to `collection:`; with `all_of:` every collection has its own name", at: node)
            }
            extent = .all(ofBackup: allOf.text)
        } else {
            let name = collection?.text ?? ""
            extent = .one(Member(name: name, nameInBackup: nameInBackup?.text ?? name))
        }
    }

    /// The role that says which collections there are.
    var backupRole: String? {
        if case .all(let role) = extent { role } else { nil }
    }

    var words: String {
        switch extent {
        case .one(let member): "collection '\(member.name)'"
        case .all(let role): "all collections of backup '\(role)'"
        }
    }

    /// `backups` are those in hand. Throws when the backup that names the collections is none of them.
    func members(_ backups: [String: BackupInHand]) async throws -> [Member] {
        switch extent {
        case .one(let member):
            try QdrantName.check(member.name)
            return [member]
        case .all(let role):
            guard let backup = backups[role] else { throw Failure(.bug, "no backup is bound to the role '\(role)'") }
            if let incompleteness = backup.manifest.incompleteness {
                throw Failure(
                    .unfit, "\(incompleteness); `all_of:` would leave out what it lacks",
                    hint: "choose another backup, or recover the collections that it holds one by one, by name")
            }
            return try await QdrantBackup.read(backup).collections.keys.sorted().map {
                try QdrantName.check($0)
                return Member(name: $0, nameInBackup: $0)
            }
        }
    }

    static let collectionDoc = "the collection; not an alias"
    static let nameInBackupDoc = "what the collection is called in the backup, when it is another name"
    static let allOfDoc = "role of a backup: instead of one collection, every one that this backup holds"
}
