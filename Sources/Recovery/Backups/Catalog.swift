/// The backups of one store, read from the store alone, so that any host sees the same.
package struct Catalog: Sendable {
    package let store: any ReadableStore
    private let digests: any Digesting
    private let inventories: any InventoryOpening

    package init(store: any ReadableStore, digests: any Digesting, inventories: any InventoryOpening) {
        self.store = store
        self.digests = digests
        self.inventories = inventories
    }

    /// The folder of safety copies, which no pick and no judgement ever looks at.
    package static let safety = "_safety"

    /// Names of policies that have a folder here.
    package func policies() async throws -> [String] {
        try await store.list("").filter { $0.isFolder && !$0.name.hasPrefix("_") && !$0.name.hasPrefix(".") }.map(\.name)
    }

    /// Names of a policy's sets, newest first; finished or not.
    package func sets(of policy: String) async throws -> [String] {
        do {
            return try await store.list(policy).filter { $0.isFolder && !$0.name.hasPrefix(".") }.map(\.name).sorted(by: >)
        } catch let failure as Failure where failure.kind == .notFound {
            return []
        }
    }

    /// A finished set, or nil when it has no `set.json`. Throws `Failure(.damaged)` or `.unfit` when that cannot be relied on.
    package func end(of policy: String, _ set: String) async throws -> SetEnd? {
        let key = "\(policy)/\(set)/\(SetFile.name)"
        guard try await store.size(of: key) != nil else { return nil }
        return try SetFile.read(try await store.bytes(of: key), of: policy, set, digests)
    }

    /// How a set began, nil when that cannot be read; its expiry as the notes have renewed it.
    package func begin(of policy: String, _ set: String) async throws -> SetBegin? {
        let key = "\(policy)/\(set)/begin.json"
        guard try await store.size(of: key) != nil else { return nil }
        guard var begin = try? CanonicalJSON.decode(SetBegin.self, from: try await store.bytes(of: key)) else { return nil }
        let renewals = try await notes(of: policy, set).filter { $0.kind == .renewal }.compactMap(\.expires)
        begin.expires = renewals.reduce(begin.expires, max)
        return begin
    }

    /// Notes on a set, oldest first. One that cannot be read counts as a pin: unreadable means keep.
    package func notes(of policy: String, _ set: String) async throws -> [Note] {
        let folder = "\(policy)/\(set)/notes"
        let entries: [StoreEntry]
        do { entries = try await store.list(folder) } catch let failure as Failure where failure.kind == .notFound { return [] }
        var notes: [Note] = []
        for entry in entries {
            let key = "\(folder)/\(entry.name)"
            // Whatever lies in the place of a note may have been one.
            if entry.isObject, let note = try? CanonicalJSON.decode(Note.self, from: try await store.bytes(of: key)) {
                notes.append(note)
            } else {
                notes.append(
                    Note(
                        kind: .pin, writtenAt: Timestamp(millisecondsSince1970: 0), host: "", run: nil,
                        text: "\(key) cannot be read, so nothing is removed"))
            }
        }
        return notes
    }

    /// The manifest of a backup and its hash. `Failure(.notFound)` when there is none, `.damaged` when it was changed or is gone.
    package func manifest(_ id: BackupID) async throws -> (manifest: Manifest, sha256: String) {
        let key = "\(id)/\(ManifestFile.name)"
        let bytes: [UInt8]
        do { bytes = try await store.bytes(of: key) } catch let failure as Failure where failure.kind == .notFound {
            if try await end(of: id.policy, id.set)?.members.contains(where: { $0.target == id.target }) == true {
                throw Failure(
                    .damaged, "\(key) is missing from store '\(store.name)', and \(SetFile.name) names it",
                    hint: "choose another backup; `lifeboat backups list` shows them")
            }
            throw Failure(
                .notFound, "there is no backup \(id) in store '\(store.name)'", hint: "`lifeboat backups list` shows what there is",
                cause: failure)
        }
        let read = try ManifestFile.read(bytes, key: key, digests)
        guard read.manifest.id == id else {
            throw Failure(
                .damaged, "\(key) says that it is backup \(read.manifest.id)", hint: "the backup was moved or swapped; choose another")
        }
        return read
    }

    /// A backup for a role of a run. Throws `Failure(.damaged)` when its set was finished with another manifest.
    package func hand(_ id: BackupID, role: String, chosen: String) async throws -> BackupInHand {
        let read = try await manifest(id)
        try await end(of: id.policy, id.set)?.vouch(for: id, manifestSHA256: read.sha256)
        return BackupInHand(
            role: role, manifest: read.manifest, manifestSHA256: read.sha256, chosen: chosen, store: store, inventories: inventories)
    }

    /// Why a backup cannot be used as it stands, without reading its bytes; nil when it can: finished, complete, manifest
    /// sound, every artifact there at its size, not marked for deletion.
    package func reasonNotUsable(_ id: BackupID) async throws -> String? { try await look(at: id).flaw?.words }

    /// Looks at a backup without reading the bytes of its parts.
    package func look(at id: BackupID) async throws -> BackupLook {
        // One torn file must not keep anybody from the backups before it.
        let end: SetEnd
        do {
            guard let read = try await self.end(of: id.policy, id.set) else {
                return .flawed(BackupFlaw(.unfinished, "its set was not finished"))
            }
            end = read
        } catch let failure as Failure where failure.isAboutTheBackup {
            return .flawed(BackupFlaw(.damaged, failure.problem))
        }
        // What is on its way out loses its files one by one, and that is no damage.
        if try await notes(of: id.policy, id.set).contains(where: { $0.kind == .deletion }) {
            return .flawed(BackupFlaw(.marked, "it is marked for deletion"))
        }
        guard end.members.contains(where: { $0.target == id.target }) else {
            return .flawed(
                end.complete
                    ? BackupFlaw(.absent, "its set does not hold '\(id.target)'") : BackupFlaw(.incomplete, "it could not be captured"))
        }
        return try await look(at: id, in: end)
    }

    private func look(at id: BackupID, in end: SetEnd) async throws -> BackupLook {
        let read: (manifest: Manifest, sha256: String)
        do {
            read = try await manifest(id)
            try end.vouch(for: id, manifestSHA256: read.sha256)
        } catch let failure as Failure where failure.isAboutTheBackup || failure.kind == .refused {
            return .flawed(BackupFlaw(.damaged, failure.problem))
        }
        if let flaw = try await PartSizes.flaw(in: read.manifest, store) { return .flawed(BackupFlaw(.damaged, flaw)) }
        guard read.manifest.complete else {
            return .flawed(BackupFlaw(.incomplete, "it is incomplete: \(read.manifest.problems.joined(separator: "; "))"))
        }
        return .usable(read.manifest, sha256: read.sha256)
    }

    /// The newest backup of a target under a policy that can be used, and the newer ones that cannot.
    ///
    /// - Parameter limit: backups of a later moment do not count.
    package func newest(policy: String, target: String, before limit: Timestamp? = nil) async throws -> NewestBackup {
        var passedOver: [PassedOver] = []
        var newest: (id: BackupID, manifest: Manifest)?
        for set in try await sets(of: policy) {
            // Names tell the second that a set was begun in; of those of one second only their manifests tell which came later.
            if let newest {
                guard let second = SetName.begun(newest.id.set), second == SetName.begun(set) else { break }
            }
            let id = BackupID(policy: policy, set: set, target: target)
            switch try await look(at: id) {
            case .usable(let manifest, _):
                if let limit, manifest.recoveryPoint > limit { continue }
                if let newest, newest.manifest.recoveryPoint >= manifest.recoveryPoint { continue }
                newest = (id, manifest)
            case .flawed(let flaw): if flaw.kind != .absent, newest == nil { passedOver.append(PassedOver(id, flaw)) }
            }
        }
        return NewestBackup(usable: newest, passedOver: passedOver)
    }

    /// Finished sets that hold the target, newest first, as far back as `oldest`; and those of which nobody can tell any more.
    package func candidates(policy: String, target: String, since oldest: Timestamp?) async throws -> (
        finished: [BackupID], torn: [PassedOver]
    ) {
        var finished: [BackupID] = []
        var torn: [PassedOver] = []
        for set in try await sets(of: policy) {
            let id = BackupID(policy: policy, set: set, target: target)
            do {
                guard let end = try await end(of: policy, set), end.members.contains(where: { $0.target == target }) else { continue }
                if let oldest, end.recoveryPoint < oldest { continue }
                finished.append(id)
            } catch let failure as Failure where failure.isAboutTheBackup {
                // When it was taken only its name still tells.
                if let oldest, let begun = SetName.begun(set), begun < oldest { continue }
                torn.append(PassedOver(id, BackupFlaw(.damaged, failure.problem)))
            }
        }
        return (finished, torn)
    }

    /// Why there is no backup to use: `.damaged` when there were some, `.notFound` when there never was a whole one.
    package func nothingUsable(policy: String, target: String, passedOver: [PassedOver]) -> Failure {
        let what = "there is no usable backup of '\(target)' under policy '\(policy)' in store '\(store.name)'"
        if let broken = passedOver.first(where: \.isTrouble) {
            let others = passedOver.count == 1 ? "" : ", and \(passedOver.count - 1) more cannot be used either"
            return Failure(
                .damaged, "\(what): \(broken.id): \(broken.why)\(others)",
                hint: "`lifeboat backups list \(policy)` shows all of them; take a new one with `lifeboat backup \(policy)`")
        }
        return Failure(
            .notFound, what,
            hint: passedOver.first.map { "the newest set is \($0.id.setPath): \($0.why)" } ?? "take one with `lifeboat backup \(policy)`")
    }
}
