/// What a step would do to an object: the line a plan prints and the guard judges.
package struct Effect: Sendable, Codable, Equatable {
    package enum Verb: String, Sendable, Codable { case create, change, destroy }

    /// How much of it there is, as far as it could be read.
    package enum Amount: Sendable, Codable, Equatable {
        case known(count: Int64?, unit: String?, bytes: Int64?)
        /// Guarded as the worst case, and never a reason not to go on.
        case unknown(because: String)
        /// The object is not there: the step would find nothing to do.
        case absent
    }

    package let verb: Verb
    package let object: ObjectName
    package let amount: Amount
    /// What fills the object again, for one that is destroyed.
    package let refill: Refill?

    package init(_ verb: Verb, _ object: ObjectName, _ amount: Amount, refill: Refill? = nil) {
        self.verb = verb
        self.object = object
        self.amount = amount
        self.refill = refill
    }

    /// Without the secrets that a server may have repeated in saying why it cannot be read.
    package func redacted(by redact: Redactor) -> Effect {
        guard case .unknown(let reason) = amount else { return self }
        return Effect(verb, object, .unknown(because: redact(reason)), refill: refill)
    }

    package struct Refill: Sendable, Codable, Equatable {
        package let backupRole: String
        /// The object's name inside the backup, when the runbook restores it under another one.
        package let nameInBackup: String

        package init(backupRole: String, nameInBackup: String) {
            self.backupRole = backupRole
            self.nameInBackup = nameInBackup
        }
    }
}

/// An object on a target: `app-db/app` for the database `app` of the target `app-db`.
package struct ObjectName: Sendable, Codable, Hashable, CustomStringConvertible {
    /// The kind of an object that a runbook only names.
    package static let anyKind = "object"

    package let target: String
    /// The engine's word: `database`, `collection`.
    package let kind: String
    package let name: String

    package init(target: String, kind: String, name: String) {
        self.target = target
        self.kind = kind
        self.name = name
    }

    package var description: String { "\(target)/\(name)" }
}
