/// `begin.json`: the first file of a recovery set. Until it expires, which notes put off, a set without `set.json` is in progress and
/// untouchable.
package struct SetBegin: Sendable, Codable, Equatable {
    package var format = 1
    package var policy: String
    package var set: String
    package var host: String
    package var pid: Int32
    package var processStart: UInt64
    package var startedAt: Timestamp
    package var expires: Timestamp
    /// Artifacts of other backups that this one will point to; they count as in use.
    package var references: [String]

    package init(
        policy: String, set: String, host: String, pid: Int32, processStart: UInt64, startedAt: Timestamp, expires: Timestamp,
        references: [String] = []
    ) {
        self.policy = policy
        self.set = set
        self.host = host
        self.pid = pid
        self.processStart = processStart
        self.startedAt = startedAt
        self.expires = expires
        self.references = references
    }
}

/// `set.json`: the last file of a recovery set.
package struct SetEnd: Sendable, Codable, Equatable {
    /// A higher format is refused: it may mean something else by the same words.
    package static let currentFormat = 1

    package var format = SetEnd.currentFormat
    package var policy: String
    package var set: String
    package var members: [Member]
    /// The oldest recovery point of the members.
    package var recoveryPoint: Timestamp
    /// Seconds between the oldest and the newest recovery point.
    package var spreadSeconds: Double
    package var complete: Bool
    package var finishedAt: Timestamp
    /// Of the other members in canonical form; set by `SetFile`.
    package var checksum: String?

    package init(
        policy: String, set: String, members: [Member], recoveryPoint: Timestamp, spreadSeconds: Double, complete: Bool,
        finishedAt: Timestamp
    ) {
        self.policy = policy
        self.set = set
        self.members = members
        self.recoveryPoint = recoveryPoint
        self.spreadSeconds = spreadSeconds
        self.complete = complete
        self.finishedAt = finishedAt
    }

    package struct Member: Sendable, Codable, Equatable {
        package let target: String
        package let engine: EngineName
        package let manifestSHA256: String
        package let bytes: Int64
        package let complete: Bool

        package init(target: String, engine: EngineName, manifestSHA256: String, bytes: Int64, complete: Bool) {
            self.target = target
            self.engine = engine
            self.manifestSHA256 = manifestSHA256
            self.bytes = bytes
            self.complete = complete
        }
    }
}

/// `notes/TIME-KIND-RANDOM.json`: a fact learned about a set after it was written.
package struct Note: Sendable, Codable, Equatable {
    package enum Kind: String, Sendable, Codable {
        /// A drill restored and verified it on the real engine.
        case proof
        /// The same on a stand-in, or without a verification that ran: counts for nothing.
        case rehearsal
        /// Keep, whatever the retention says.
        case pin
        /// In use until it expires.
        case hold
        /// Will be removed by a later prune.
        case deletion
        /// Whoever writes the set is still at it: what `begin.json` says of its expiry holds anew, until this one's.
        case renewal
    }

    package var format = 1
    package var kind: Kind
    package var writtenAt: Timestamp
    package var host: String
    /// The run that learned it.
    package var run: String?
    package var expires: Timestamp?
    /// The hash of each manifest the note speaks of, by target.
    package var manifests: [String: String]
    package var text: String
    /// A deletion that somebody asked for. Retention withdraws its own when its rules change; never this one.
    package var byHand: Bool?

    package init(
        kind: Kind, writtenAt: Timestamp, host: String, run: String?, expires: Timestamp? = nil, manifests: [String: String] = [:],
        text: String,
        byHand: Bool? = nil
    ) {
        self.kind = kind
        self.writtenAt = writtenAt
        self.host = host
        self.run = run
        self.expires = expires
        self.manifests = manifests
        self.text = text
        self.byHand = byHand
    }

    package func fileName(random: String) -> String { "\(writtenAt.compact)-\(kind.rawValue)-\(random).json" }
}
