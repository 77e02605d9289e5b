/// The stores that drills and runs restore from, and whom they may tell, out of the configuration.
package struct BackupStores: Sendable {
    private let byName: [String: any Store]
    private let byPolicy: [String: String]
    package let alerts: [String: AlertBinding]
    private let digests: any Digesting
    private let inventories: any InventoryOpening

    /// - Parameter byPolicy: the name of each policy's store.
    package init(
        _ stores: [any Store], byPolicy: [String: String], alerts: [String: AlertBinding], digests: any Digesting,
        inventories: any InventoryOpening
    ) {
        byName = Dictionary(stores.map { ($0.name, $0) }) { first, _ in first }
        self.byPolicy = byPolicy
        self.alerts = alerts
        self.digests = digests
        self.inventories = inventories
    }

    package func store(named name: String) -> (any Store)? { byName[name] }

    package func catalog(of policy: String) -> Catalog? { byPolicy[policy].flatMap(catalog(inStore:)) }

    private func catalog(inStore name: String) -> Catalog? {
        byName[name].map { Catalog(store: $0, digests: digests, inventories: inventories) }
    }

    /// Where a backup lies: its policy's store; for a copy that a run kept, any store that has it.
    package func catalog(holding id: BackupID) async throws -> Catalog? {
        guard id.policy == Catalog.safety else { return catalog(of: id.policy) }
        for name in byName.keys.sorted() {
            if let catalog = catalog(inStore: name), try await catalog.store.size(of: "\(id)/\(ManifestFile.name)") != nil {
                return catalog
            }
        }
        return nil
    }

    /// The backup that a run began with, for the run that goes on. Throws `Failure(.damaged)` when it is no longer what it was.
    package func again(_ kept: KeptBackup) async throws -> BackupInHand {
        guard let catalog = catalog(inStore: kept.store) else {
            throw Failure(.configuration, "store '\(kept.store)', which holds backup \(kept.id), is no longer in the configuration")
        }
        let backup = try await catalog.hand(kept.id, role: kept.role, chosen: kept.chosen)
        guard backup.manifestSHA256 == kept.manifestSHA256 else {
            throw Failure(.damaged, "backup \(kept.id) has changed since the run began", hint: "begin a new one")
        }
        return backup
    }

    package var catalogs: [String: Catalog] {
        var catalogs: [String: Catalog] = [:]
        for policy in byPolicy.keys { catalogs[policy] = catalog(of: policy) }
        return catalogs
    }
}
