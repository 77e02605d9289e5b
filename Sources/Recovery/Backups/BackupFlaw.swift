/// Why a backup cannot be used as it stands.
package struct BackupFlaw: Sendable, Equatable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// Its set has no `set.json`: still being written, or never finished.
        case unfinished
        /// Somebody or something has changed what was written: a part is missing or has another size, the manifest does not hold.
        case damaged
        /// It was so from the start: an object could not be captured.
        case incomplete
        /// A later prune will remove it.
        case marked
        /// Its set was finished without it, and nothing was to be captured there.
        case absent

        /// Whether it is a loss. The others are how backups come and go.
        package var isTrouble: Bool { self == .damaged || self == .incomplete }
    }

    package let kind: Kind
    package let words: String

    package init(_ kind: Kind, _ words: String) {
        self.kind = kind
        self.words = words
    }
}

/// What a look at a backup finds without reading the bytes of its parts.
package enum BackupLook: Sendable {
    case usable(Manifest, sha256: String)
    case flawed(BackupFlaw)

    package var flaw: BackupFlaw? { if case .flawed(let flaw) = self { flaw } else { nil } }
}
