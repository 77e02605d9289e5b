import Recovery

/// A recovery set as a backup writes it, file by file in the same order, with contents of the test's choice.
package struct WrittenSet: Sendable {
    package var policy = "nightly"
    package var set: String
    package var point: Timestamp
    /// Bytes of the one part, by target; nil for a target whose capture failed.
    package var targets: [String: [UInt8]?] = ["app-db": Array("rows".utf8)]
    /// Parts of other sets that it points to, by target.
    package var pointsTo: [String: [Artifact]] = [:]
    package var complete = true

    /// - Parameter set: its name; made of the recovery point when left out.
    package init(_ point: Timestamp, set: String? = nil) {
        self.point = point
        self.set = set ?? "\(point.compact)-aaaaaa"
    }

    package var path: String { "\(policy)/\(set)" }

    /// Writes all of it. With `untilEnd: false` the set is left unfinished.
    package func write(to store: any Store, expires: Timestamp? = nil, untilEnd: Bool = true) async throws {
        let digests = TestDigests()
        let references = pointsTo.values.flatMap { $0 }.compactMap { artifact in artifact.owner.map { "\($0)/\(artifact.key)" } }
        let begin = SetBegin(
            policy: policy, set: set, host: "test", pid: 1, processStart: 1, startedAt: point,
            expires: expires ?? point.advanced(bySeconds: 86_400), references: references)
        try await store.create("\(path)/begin.json", CanonicalJSON.encode(begin))
        var members: [SetEnd.Member] = []
        for (target, content) in targets.sorted(by: { $0.key < $1.key }) {
            guard let content else { continue }
            members.append(try await write(target, content, to: store, digests))
        }
        guard untilEnd else { return }
        let end = SetEnd(
            policy: policy, set: set, members: members, recoveryPoint: point, spreadSeconds: 0,
            complete: members.count == targets.count && complete, finishedAt: point)
        try await store.create("\(path)/\(SetFile.name)", SetFile.bytes(of: end, digests))
    }

    private func write(_ target: String, _ content: [UInt8], to store: any Store, _ digests: TestDigests) async throws -> SetEnd.Member {
        let id = BackupID(policy: policy, set: set, target: target)
        try await store.create("\(id)/dump/rows", content)
        let stored = StoredObject(bytes: Int64(content.count), sha256: digests.sha256(content))
        let own = Artifact(key: "dump/rows", content: stored, stored: stored)
        let manifest = Manifest(
            id: id, engine: MemoryEngine.engineName, engineVersion: "1.0", standIn: false, lifeboatVersion: "0", host: "test",
            startedAt: point,
            finishedAt: point, recoveryPoint: point, complete: complete, problems: complete ? [] : ["table orders: permission denied"],
            source: SourceIdentity(engine: MemoryEngine.engineName, address: "memory:0", system: nil, database: nil),
            artifacts: [own] + (pointsTo[target] ?? []), inventory: "dump/rows", totals: [:], runbook: nil)
        let sealed = try ManifestFile.bytes(of: manifest, digests)
        try await store.create("\(id)/\(ManifestFile.instructions)", Array("restore it".utf8))
        try await store.create("\(id)/\(ManifestFile.name)", sealed.bytes)
        return SetEnd.Member(
            target: target, engine: MemoryEngine.engineName, manifestSHA256: sealed.sha256, bytes: manifest.storedBytes, complete: complete)
    }

    /// Says that a drill has restored and verified one of its backups.
    package func prove(_ target: String = "app-db", at time: Timestamp, in store: any Store, by text: String = "drill monthly: passed")
        async throws
    {
        let id = BackupID(policy: policy, set: set, target: target)
        let sha256 = TestDigests().sha256(try await store.bytes(of: "\(id)/\(ManifestFile.name)"))
        try await SetNotes(store: store, digests: TestDigests()).write(
            Note(kind: .proof, writtenAt: time, host: "test", run: "run", manifests: [target: sha256], text: text), of: id)
    }
}

extension Timestamp {
    /// For tests, which know their dates to be right.
    package static func at(_ text: String) -> Timestamp {
        Timestamp(text) ?? Timestamp("\(text)Z") ?? Timestamp("\(text)T02:00:00Z") ?? Timestamp(millisecondsSince1970: 0)
    }
}
