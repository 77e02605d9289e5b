/// Captures targets into a store as one recovery set.
package struct BackupTaker: Sendable {
    package struct Member: Sendable {
        /// The name the backup has in its set.
        package let name: String
        package let target: any EngineTarget
        package let engine: any Engine
        /// What of the target is captured; nil for what its address names.
        package let object: String?
        package let options: CaptureOptions
        package let runbook: RunbookReference?

        package init(
            name: String, target: any EngineTarget, engine: any Engine, object: String? = nil, options: CaptureOptions = .standard,
            runbook: RunbookReference? = nil
        ) {
            self.name = name
            self.target = target
            self.engine = engine
            self.object = object
            self.options = options
            self.runbook = runbook
        }
    }

    package struct Taken: Sendable {
        package let set: String
        package let manifests: [Manifest]
        /// Members that could not be captured at all, by name.
        package let failures: [String: Failure]
        package let recovery: RecoverySet

        package var isComplete: Bool { failures.isEmpty && manifests.allSatisfy(\.complete) }
    }

    private let store: any Store
    private let digests: any Digesting
    private let inventories: any InventoryOpening
    private let time: any TimeSource
    private let host: HostFacts
    private let say: @Sendable (String) -> Void

    package init(
        store: any Store, digests: any Digesting, inventories: any InventoryOpening, time: any TimeSource, host: HostFacts,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.digests = digests
        self.inventories = inventories
        self.time = time
        self.host = host
        self.say = say
    }

    /// Captures all members side by side. A member that fails does not stop the others; a set without any whole member is
    /// not finished and throws the first failure.
    ///
    /// - Parameter policy: where the set lies: a policy's name, or `_safety`.
    package func take(_ members: [Member], into policy: String, set wanted: String? = nil) async throws -> Taken {
        let startedAt = time.now
        let set = wanted ?? "\(startedAt.compact)-\(digests.randomName(6))"
        let begin = SetBegin(
            policy: policy, set: set, host: host.host, pid: host.pid, processStart: host.processStart, startedAt: startedAt,
            expires: startedAt.advanced(bySeconds: Renewal.expiry.inSeconds))
        do {
            try await store.create("\(policy)/\(set)/begin.json", CanonicalJSON.encode(begin, pretty: true))
            let renewal = SetRenewal(store: store, digests: digests, time: time, host: host.host, say: say)
            return try await renewal.renewing(policy, set) { try await take(members, into: policy, begun: set) }
        } catch {
            // Of no use to anybody. What cannot be removed is left alone until it expires.
            await uncancelled { try? await remove("\(policy)/\(set)") }
            throw error
        }
    }

    /// Everything below a folder, what says that it is in progress last.
    private func remove(_ folder: String) async throws {
        let entries = try await store.list(folder)
        for entry in entries where entry.isFolder { try await remove("\(folder)/\(entry.name)") }
        let files = entries.filter(\.isObject).map(\.name)
        for name in files.filter({ $0 != "begin.json" }) + files.filter({ $0 == "begin.json" }) {
            try await store.delete("\(folder)/\(name)")
        }
    }

    private func take(_ members: [Member], into policy: String, begun set: String) async throws -> Taken {
        var manifests: [(manifest: Manifest, sha256: String)] = []
        var failures: [String: Failure] = [:]
        try await withThrowingTaskGroup(of: (String, Swift.Result<(Manifest, String), Failure>).self) { group in
            for member in members {
                group.addTask {
                    do { return (member.name, .success(try await capture(member, into: policy, set))) } catch is CancellationError {
                        throw CancellationError()
                    } catch {
                        return (member.name, .failure(Failure.wrapping(error, while: "capturing '\(member.name)'")))
                    }
                }
            }
            for try await (name, result) in group {
                switch result {
                case .success(let captured): manifests.append(captured)
                case .failure(let failure): failures[name] = failure
                }
            }
        }
        if manifests.isEmpty, let first = failures.min(by: { $0.key < $1.key }) { throw first.value }
        let end = try await finish(policy, set, manifests, complete: failures.isEmpty)
        return Taken(
            set: set, manifests: manifests.map(\.manifest).sorted { $0.id.target < $1.id.target }, failures: failures,
            recovery: RecoverySet(end))
    }

    private func finish(
        _ policy: String, _ set: String, _ manifests: [(manifest: Manifest, sha256: String)], complete: Bool
    ) async throws -> SetEnd {
        let points = manifests.map(\.manifest.recoveryPoint)
        guard let oldest = points.min(), let newest = points.max() else { throw Failure(.bug, "set \(policy)/\(set) has no member") }
        let end = SetEnd(
            policy: policy, set: set,
            members: manifests.map {
                .init(
                    target: $0.manifest.id.target, engine: $0.manifest.engine, manifestSHA256: $0.sha256, bytes: $0.manifest.storedBytes,
                    complete: $0.manifest.complete)
            }.sorted { $0.target < $1.target },
            recoveryPoint: oldest, spreadSeconds: newest.seconds(since: oldest),
            complete: complete && manifests.allSatisfy(\.manifest.complete), finishedAt: time.now)
        try await store.create("\(policy)/\(set)/\(SetFile.name)", SetFile.bytes(of: end, digests))
        return end
    }

    private func capture(_ member: Member, into policy: String, _ set: String) async throws -> (Manifest, String) {
        let id = BackupID(policy: policy, set: set, target: member.name)
        let startedAt = time.now
        let workFolder = try await store.makeWorkFolder(owner: "backup-\(set)")
        let outcome: Swift.Result<(Manifest, String), any Error>
        do { outcome = .success(try await capture(member, as: id, startedAt, in: workFolder)) } catch { outcome = .failure(error) }
        let (store, say) = (store, say)
        // Bytes of an attempt that failed are already out of sight: without a manifest nothing of it exists.
        await uncancelled {
            do { try await store.removeWorkFolder(workFolder) } catch {
                say("temporary files in \(workFolder) could not be removed, `lifeboat sweep` does it later: \(error)")
            }
        }
        return try outcome.get()
    }

    private func capture(_ member: Member, as id: BackupID, _ startedAt: Timestamp, in workFolder: String) async throws -> (
        Manifest, String
    ) {
        let inventoryPath = "\(workFolder)/inventory.jsonl.zst"
        let sink = TakingSink(
            id: id, store: store, workFolder: workFolder, inventory: try await inventories.create(at: inventoryPath), say: say)
        let captured = try await member.target.capture(object: member.object, member.options, into: sink)
        try await sink.close()
        try await sink.adopt(file: inventoryPath, as: Self.inventoryKey)
        var manifest = Manifest(
            id: id, engine: member.engine.name, engineVersion: captured.engineVersion, standIn: captured.standIn,
            lifeboatVersion: host.lifeboatVersion, host: host.host, startedAt: startedAt, finishedAt: time.now,
            recoveryPoint: captured.recoveryPoint, complete: captured.problems.isEmpty, problems: captured.problems,
            failed: captured.problems.isEmpty ? nil : captured.failed, source: captured.source,
            artifacts: await sink.artifacts, inventory: Self.inventoryKey, totals: captured.totals, runbook: member.runbook)
        try await store.create("\(id)/\(ManifestFile.instructions)", Array(member.engine.instructions(for: manifest).utf8))
        manifest.finishedAt = time.now
        let sealed = try ManifestFile.bytes(of: manifest, digests)
        try await store.create("\(id)/\(ManifestFile.name)", sealed.bytes)
        return (try ManifestFile.read(sealed.bytes, key: "\(id)/\(ManifestFile.name)", digests).manifest, sealed.sha256)
    }

    private static let inventoryKey = "inventory.jsonl.zst"
}

/// Puts what a capture hands over into the store, and remembers it for the manifest.
private actor TakingSink: CaptureSink {
    nonisolated let workFolder: String
    private let id: BackupID
    private let store: any Store
    private let inventory: any InventoryWriting
    private let say: @Sendable (String) -> Void
    private var taken: [Artifact] = []

    init(id: BackupID, store: any Store, workFolder: String, inventory: any InventoryWriting, say: @escaping @Sendable (String) -> Void) {
        self.id = id
        self.store = store
        self.workFolder = workFolder
        self.inventory = inventory
        self.say = say
    }

    var artifacts: [Artifact] { taken.sorted { $0.key < $1.key } }

    func adopt(file path: String, as key: String) async throws {
        let stored = try await store.adopt(file: path, as: "\(id)/\(key)")
        taken.append(Artifact(key: key, content: stored, stored: stored))
    }

    func record(_ items: [InventoryItem]) async throws {
        for item in items { try await inventory.write(item) }
    }

    nonisolated func progress(_ words: String) { say(words) }

    nonisolated func makeNotesFolder() async throws -> String { try await store.makeWorkFolder(owner: CaptureNotes.label) }
    nonisolated func removeNotesFolder(_ path: String) async throws { try await store.removeWorkFolder(path) }

    func close() async throws { try await inventory.close() }
}
