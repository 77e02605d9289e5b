extension BackupInHand {
    /// Throws `Failure(.unfit)` unless the inventory lists the object that is to be filled again from this backup. Of one that a runbook
    /// only names, the kind is not known: then any of that name will do.
    func mustHold(_ kind: String, _ name: String) async throws {
        if let failure = manifest.failure(of: kind, name) { throw failure }
        guard try await !holds(kind, name) else { return }
        throw Failure(
            .unfit,
            "backup \(manifest.id) does not hold \(kind == ObjectName.anyKind ? "" : "\(kind) ")'\(name)', which the step would destroy",
            hint: kind == ObjectName.anyKind
                ? "choose a backup that does, or name it under `destroys:` as `lifeboat backups show \(manifest.id)` does"
                : "choose the backup of that \(kind), or say what it is called in the backup with `name_in_backup:`")
    }

    private func holds(_ kind: String, _ name: String) async throws -> Bool {
        let inventory = try await inventory()
        do {
            while let item = try await inventory.next() {
                if item.name == name, item.kind == kind || kind == ObjectName.anyKind {
                    await inventory.close()
                    return true
                }
            }
        } catch {
            await inventory.close()
            throw error
        }
        await inventory.close()
        return false
    }
}
