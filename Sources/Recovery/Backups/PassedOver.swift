/// A backup that would have been taken, had it been usable.
package struct PassedOver: Sendable, Codable, Equatable {
    package let id: BackupID
    package let kind: BackupFlaw.Kind
    /// Why it could not be used.
    package let why: String

    package init(_ id: BackupID, _ flaw: BackupFlaw) {
        self.id = id
        kind = flaw.kind
        why = flaw.words
    }

    package var isTrouble: Bool { kind.isTrouble }

    package var words: String { "backup \(id) was passed over: \(why)" }
}

/// The newest usable backup of a target, and what is newer than it and cannot be used.
package struct NewestBackup: Sendable {
    /// Nil when none can be used.
    package let usable: (id: BackupID, manifest: Manifest)?
    /// Newest first.
    package let passedOver: [PassedOver]
}

extension Sequence<PassedOver> {
    /// Each backup once.
    package var unique: [PassedOver] {
        var seen: Set<BackupID> = []
        return filter { seen.insert($0.id).inserted }
    }
}
