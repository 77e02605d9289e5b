/// What `lifeboat check` found: one item for every target of every policy it looked at.
package struct CheckReport: Sendable, Codable, Equatable {
    package static let currentSchema = "lifeboat.check/1"

    package var schema = CheckReport.currentSchema
    package let checkedAt: Timestamp
    /// The worst of the items; unknown when there are none.
    package let state: CheckState
    package let items: [CheckItem]

    package init(checkedAt: Timestamp, items: [CheckItem]) {
        self.checkedAt = checkedAt
        self.items = items
        state = .worst(items.map(\.state))
    }
}

/// How the backups of one target under one policy stand.
package struct CheckItem: Sendable, Codable, Equatable {
    package let policy: String
    package let target: String
    package var state: CheckState { .worst(findings.map(\.state)) }
    /// The newest usable backup.
    package var backup: BackupID?
    package var recoveryPoint: Timestamp?
    /// From its recovery point to now.
    package var ageSeconds: Double?
    package var maxAgeSeconds: Double?
    /// Of the newest usable backup.
    package var bytes: Int64?
    package var minBytes: Int64?
    /// Between these the size is like that of the backups before.
    package var likelyBytes: ClosedRange<Int64>?
    /// How many sets the policy has, finished or not.
    package var sets: Int?
    package var provenAt: Timestamp?
    package var provenAgeSeconds: Double?
    package var provenWithinSeconds: Double?
    /// One sentence for every thing that was looked at.
    package var findings: [CheckFinding] = []

    package init(policy: String, target: String) {
        self.policy = policy
        self.target = target
    }

    package mutating func note(_ state: CheckState, _ about: CheckFinding.Subject, _ words: String) {
        findings.append(CheckFinding(state: state, about: about, words: words))
    }

    // Written out, so that the state, which follows from the findings, is told as well.
    private enum Keys: String, CodingKey {
        case policy, target, state, backup, recoveryPoint, ageSeconds, maxAgeSeconds, bytes, minBytes, likelyBytesFrom, likelyBytesTo, sets,
            provenAt, provenAgeSeconds, provenWithinSeconds, findings
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Keys.self)
        try values.encode(policy, forKey: .policy)
        try values.encode(target, forKey: .target)
        try values.encode(state, forKey: .state)
        try values.encode(backup, forKey: .backup)
        try values.encode(recoveryPoint, forKey: .recoveryPoint)
        try values.encode(ageSeconds, forKey: .ageSeconds)
        try values.encode(maxAgeSeconds, forKey: .maxAgeSeconds)
        try values.encode(bytes, forKey: .bytes)
        try values.encode(minBytes, forKey: .minBytes)
        try values.encode(likelyBytes?.lowerBound, forKey: .likelyBytesFrom)
        try values.encode(likelyBytes?.upperBound, forKey: .likelyBytesTo)
        try values.encode(sets, forKey: .sets)
        try values.encode(provenAt, forKey: .provenAt)
        try values.encode(provenAgeSeconds, forKey: .provenAgeSeconds)
        try values.encode(provenWithinSeconds, forKey: .provenWithinSeconds)
        try values.encode(findings, forKey: .findings)
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        policy = try values.decode(String.self, forKey: .policy)
        target = try values.decode(String.self, forKey: .target)
        backup = try values.decodeIfPresent(BackupID.self, forKey: .backup)
        recoveryPoint = try values.decodeIfPresent(Timestamp.self, forKey: .recoveryPoint)
        ageSeconds = try values.decodeIfPresent(Double.self, forKey: .ageSeconds)
        maxAgeSeconds = try values.decodeIfPresent(Double.self, forKey: .maxAgeSeconds)
        bytes = try values.decodeIfPresent(Int64.self, forKey: .bytes)
        minBytes = try values.decodeIfPresent(Int64.self, forKey: .minBytes)
        if let from = try values.decodeIfPresent(Int64.self, forKey: .likelyBytesFrom),
            let to = try values.decodeIfPresent(Int64.self, forKey: .likelyBytesTo), from <= to
        {
            likelyBytes = from...to
        }
        sets = try values.decodeIfPresent(Int.self, forKey: .sets)
        provenAt = try values.decodeIfPresent(Timestamp.self, forKey: .provenAt)
        provenAgeSeconds = try values.decodeIfPresent(Double.self, forKey: .provenAgeSeconds)
        provenWithinSeconds = try values.decodeIfPresent(Double.self, forKey: .provenWithinSeconds)
        findings = try values.decode([CheckFinding].self, forKey: .findings)
    }
}

package struct CheckFinding: Sendable, Codable, Equatable {
    package enum Subject: String, Sendable, Codable, CaseIterable { case backup, age, size, proof, schedule, store }

    package let state: CheckState
    package let about: Subject
    /// May hold names and texts out of the store: escaped by whoever prints it.
    package let words: String

    package init(state: CheckState, about: Subject, words: String) {
        self.state = state
        self.about = about
        self.words = words
    }
}
