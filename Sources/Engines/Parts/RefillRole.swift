import Documents
import Recovery

/// The backup that fills again what a step drops, as `refill:` names it.
struct RefillRole: Sendable {
    static let doc = "role of the backup that fills it again; `none` when it is meant to stay gone"

    /// Nil: said out loud, nothing does.
    let backup: String?

    init(_ name: Name) { backup = name.text == "none" ? nil : name.text }

    /// For the uses of a step.
    var backups: [String] { backup.map { [$0] } ?? [] }
    var declaration: RefillDeclaration { backup.map { .role($0) } ?? .none }

    /// What becomes of something that the backup calls so.
    func refill(as nameInBackup: String) -> Effect.Refill? { backup.map { Effect.Refill(backupRole: $0, nameInBackup: nameInBackup) } }
}
