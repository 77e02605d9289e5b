import Bindings
import Documents
import Recovery

/// Reads a backup of Qdrant as only this engine can, without a server: what every snapshot holds, every point and every fingerprint.
struct QdrantExamine: Sendable {
    private let backup: BackupInHand

    init(_ backup: BackupInHand) { self.backup = backup }

    func examine(scratch: String) async throws -> [CheckResult] {
        let known = try await QdrantBackup.read(backup)
        if known.isStorage { return try await StorageExamine(backup: backup, known: known).examine(scratch: scratch) }
        guard !known.collections.isEmpty || backup.manifest.totals["collections"] == 0 else {
            throw Failure(.damaged, "the inventory of backup \(backup.manifest.id) names no collection", hint: "choose another backup")
        }
        var checks: [CheckResult] = [
            CheckResult(
                "backup", "collections", expected: backup.manifest.totals["collections"] ?? 0, actual: Int64(known.collections.count)),
            try everyPartHasItsCollection(known),
        ]
        for collection in known.collections.values.sorted(by: { $0.name < $1.name }) {
            switch collection.way {
            case .snapshot: checks += try await snapshots(of: collection, known, scratch)
            case .points: checks.append(try await points(of: collection, scratch))
            case .storage:
                throw Failure(
                    .damaged,
                    "the inventory of backup \(backup.manifest.id) names collection '\(collection.name)' of a storage folder that it does not name",
                    hint: "choose another backup")
            }
            if let key = collection.fingerprints { checks.append(try await fingerprints(key, of: collection, scratch)) }
        }
        return checks
    }

    /// A file that no collection of the inventory speaks of could be another's.
    private func everyPartHasItsCollection(_ known: QdrantBackup) throws -> CheckResult {
        let named = Set(known.collections.values.flatMap { $0.parts.values + [$0.fingerprints].compactMap { $0 } })
        let present = Set(backup.manifest.artifacts.map(\.key)).subtracting([backup.manifest.inventory])
        if let foreign = present.subtracting(named).min() {
            throw Failure(
                .damaged, "part \(foreign) of backup \(backup.manifest.id) is foreign: its inventory does not name it",
                hint: "choose another backup")
        }
        if let missing = named.subtracting(present).min() {
            throw Failure(
                .damaged, "part \(missing) of backup \(backup.manifest.id) is missing: its inventory names it",
                hint: "choose another backup")
        }
        return CheckResult("backup", "files", expected: named.count, actual: present.count, compared: max(1, named.count))
    }

    private func part(_ key: String) throws -> Artifact {
        guard let part = backup.manifest.artifacts.first(where: { $0.key == key }) else {
            throw Failure(
                .damaged, "part \(key) of backup \(backup.manifest.id) is missing: its inventory names it", hint: "choose another backup")
        }
        return part
    }

    private func snapshots(of collection: CapturedCollection, _ known: QdrantBackup, _ scratch: String) async throws -> [CheckResult] {
        var checks: [CheckResult] = []
        for key in collection.parts.values.sorted() {
            let part = try part(key)
            let snapshot = try await SnapshotFiles.opened(part, of: backup, scratch: scratch) {
                try await QdrantSnapshot.read($0)
            }
            let isWhole = collection.parts.count == 1
            // Of a cluster each file lacks what other nodes have.
            try SnapshotFiles.refuse(isWhole ? snapshot.checks.filter(\.isFinding) : [], part, backup)
            checks += isWhole ? snapshot.checks : []
            var expected = SnapshotExpectation.Collection(configuration: collection.config)
            // Whoever wrote meanwhile may have deleted, too.
            if isWhole, collection.writers != .active { expected.points = collection.points }
            let agreement = snapshot.agrees(
                with: SnapshotExpectation(bytes: part.content.bytes, sha256: part.content.sha256, collection: expected))
            try SnapshotFiles.refuse(agreement.filter { $0.verdict == .differed }, part, backup)
            checks += agreement.map {
                CheckResult(
                    "collection \(collection.name): \($0.subject)", $0.aspect, expected: $0.expected, actual: $0.actual,
                    verdict: $0.verdict, tolerance: $0.tolerance)
            }
        }
        return checks
    }

    private func points(of collection: CapturedCollection, _ scratch: String) async throws -> CheckResult {
        guard let key = collection.parts[""] else {
            throw Failure(
                .damaged, "backup \(backup.manifest.id) names no points of collection '\(collection.name)'", hint: "choose another backup")
        }
        let part = try part(key)
        let configuration = try? CollectionConfiguration(collection.config)
        let sizes = Dictionary((configuration?.vectors ?? []).map { ($0.name, $0.size) }) { first, _ in first }
        let count = try await SnapshotFiles.opened(part, of: backup, scratch: scratch) { path in
            let reader = try await LineReader(path, of: "the points of collection '\(collection.name)'")
            var count: Int64 = 0
            var last: PointID?
            while let lines = try await reader.next() {
                for range in lines.ranges {
                    count += 1
                    let point: Point
                    do { point = try Point(reading: lines.bytes, in: range) } catch {
                        throw damaged(key, "line \(count) is no point: \(error)")
                    }
                    if let last, last >= point.id { throw damaged(key, "point \(point.id) stands behind point \(last)") }
                    last = point.id
                    for vector in point.vectors {
                        guard let size = sizes[vector.name], let found = vector.value.dimensions, found != size else { continue }
                        throw damaged(key, "a vector of point \(point.id) has \(found) dimensions, and the collection \(size)")
                    }
                }
            }
            return count
        }
        let check = CheckResult(
            "collection \(collection.name)", "points in the file", expected: collection.points, actual: count, compared: Int(max(1, count)))
        guard !check.isFinding else { throw damaged(key, "it holds \(count) points, and the inventory says \(collection.points)") }
        return check
    }

    private func fingerprints(_ key: String, of collection: CapturedCollection, _ scratch: String) async throws -> CheckResult {
        let count = try await SnapshotFiles.opened(try part(key), of: backup, scratch: scratch) { path in
            let reader = try await LineReader(path, of: "the fingerprints of collection '\(collection.name)'")
            var count: Int64 = 0
            while let lines = try await reader.next() { count += Int64(lines.ranges.count) }
            return count
        }
        let check = CheckResult("collection \(collection.name)", "fingerprints", expected: collection.points, actual: count)
        guard !check.isFinding else {
            throw damaged(key, "it holds \(count) fingerprints, and the inventory says \(collection.points) points")
        }
        return check
    }

    private func damaged(_ key: String, _ what: String) -> Failure {
        Failure(
            .damaged, "part \(key) of backup \(backup.manifest.id) is damaged: \(what)",
            hint: "choose another backup; `lifeboat backups list` shows them")
    }
}

extension PointVector {
    /// Of a dense vector and of the rows of a multivector; nil for sparse ones and for those that differ among themselves.
    fileprivate var dimensions: Int? {
        switch self {
        case .dense(let values): values.count
        case .multi(let rows): rows.first?.count
        case .sparse: nil
        }
    }
}
