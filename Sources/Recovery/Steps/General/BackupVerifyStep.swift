internal import Bindings
internal import Documents

/// Proves a backup before anything is touched: every byte hashed; with `depth: deep` also read as its engine reads it.
struct BackupVerifyStep: Step {
    static let kind = "backup.verify"
    static let summary = "Prove that a backup is whole before anything is touched."
    static let phase = Phase.prove
    static let fields = Fields(
        shorthand: "backup",
        Field.required("backup", as: Name.self, literal: true, "role of the backup"),
        Field.optional(
            "depth", as: Depth.self, default: .hashes,
            "`hashes` reads every byte; `deep` also decompresses every block, reads the table of contents and counts rows"))

    enum Depth: String, Choice { case hashes, deep }

    let backup: Name
    let depth: Depth

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) {
        (backup, depth) = try Self.fields.read(node, reading)
    }

    var uses: StepUses { StepUses(backups: [backup.text]) }
    var rerun: Rerun { .safe }

    func run(in context: StepContext) async throws -> StepResult {
        let backup = try context.backup(backup.text)
        var checks = try await context.services.prover.prove(backup, say: context.services.say)
        if depth == .deep {
            checks += try await context.services.examine(backup, context.services.scratch)
        }
        return StepResult(
            checks: checks,
            facts: ["bytes": .integer(backup.manifest.storedBytes), "parts": .integer(Int64(backup.manifest.artifacts.count))],
            notes: ["\(backup.manifest.artifacts.count) parts of \(backup.manifest.id) read and hashed"]
                + (backup.manifest.incompleteness.map { ["\($0); only what it holds is proven"] } ?? []))
    }
}
