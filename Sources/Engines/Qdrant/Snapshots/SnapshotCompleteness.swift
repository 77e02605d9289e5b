import Documents
import Recovery

extension QdrantSnapshot {
    /// Whether all is there that the snapshot itself says there is, and whether the data fits the configuration. A finding among them means
    /// that a recover fails, or comes back with less than there was.
    package var checks: [CheckResult] {
        var checks: [CheckResult] = []
        let names = Set(collections.compactMap(\.name))
        for (name, file) in files.sorted(by: { $0.key < $1.key }) {
            checks.append(
                CheckResult("collection \(name)", "snapshot in it", expected: file, actual: names.contains(name) ? file : "missing"))
        }
        for (alias, collection) in aliases.sorted(by: { $0.key < $1.key }) {
            checks.append(
                CheckResult("alias \(alias)", "collection", expected: collection, actual: files[collection] == nil ? "missing" : collection)
            )
        }
        for collection in collections { checks += collection.checks(isOutline: sha256 == nil) }
        return checks
    }

    /// Whether it holds one node's shards of a collection that had more: it needs the snapshots of the other nodes beside it.
    package var isPartial: Bool { collections.contains { !$0.missingShards.isEmpty } }
}

extension SnapshotCollection {
    /// How it is called in checks.
    private var subject: String { name.map { "collection \($0)" } ?? "collection" }

    func checks(isOutline: Bool) -> [CheckResult] {
        var checks: [CheckResult] = []
        if let expectedShards { checks.append(shardCheck(expectedShards)) }
        for shard in shards where shard.isHere {
            let subject = [name.map { "collection \($0)" }, shard.id.map { "shard \($0)" } ?? "shard"].compactMap { $0 }
                .joined(separator: " ")
            checks.append(CheckResult(subject, "segments", expected: "at least 1", actual: shard.segments.isEmpty ? "none" : "at least 1"))
            checks.append(CheckResult(subject, "write-ahead log", expected: "present", actual: shard.hasLog ? "present" : "missing"))
            if shard.replicas.count > 0, let peer = shard.peer {
                let state = shard.replicas[String(peer)] ?? "unknown"
                checks.append(CheckResult(subject, "state of the replica", expected: "Active", actual: state))
            }
            if !isOutline { for segment in shard.segments { checks += self.checks(of: segment, in: subject) } }
        }
        return checks
    }

    private func shardCheck(_ expected: Set<Int>) -> CheckResult {
        func list(_ ids: some Collection<Int>) -> String {
            ids.isEmpty ? "none" : ids.sorted().prefix(20).map(String.init).joined(separator: ", ") + (ids.count > 20 ? ", …" : "")
        }
        let missing = missingShards
        let here = Set(shards.filter(\.isHere).compactMap(\.id))
        guard !missing.isEmpty else {
            return CheckResult(
                subject, "shards", expected: list(expected), actual: list(here), verdict: here == expected ? .held : .differed,
                compared: max(1, expected.count))
        }
        let writer = peers.sorted().map(String.init).joined(separator: ", ")
        let holders = Set(shards.filter { missing.contains($0.id ?? -1) }.flatMap(\.replicas.keys)).sorted().joined(separator: ", ")
        var words = "\(list(here)); without \(list(missing))"
        if !writer.isEmpty { words += ", written by peer \(writer) alone" }
        if !holders.isEmpty { words += ", the rest is with peer \(holders)" }
        return CheckResult(subject, "shards", expected: list(expected), actual: words, verdict: .differed, compared: expected.count)
    }

    private func checks(of segment: SnapshotSegment, in shard: String) -> [CheckResult] {
        let subject = "\(shard) segment \(segment.id)"
        var checks = [
            CheckResult(subject, "version.info", expected: "present", actual: segment.isFinished ? "present" : "missing"),
            CheckResult(subject, "segment.json", expected: "present", actual: segment.vectors == nil ? "missing" : "present"),
        ]
        if let configuration { checks += Self.checks(of: segment, against: configuration, subject) }
        return checks
    }

    /// The data of a segment against a configuration.
    static func checks(of segment: SnapshotSegment, against configuration: CollectionConfiguration, _ subject: String) -> [CheckResult] {
        guard let vectors = segment.vectors else { return [] }
        var checks: [CheckResult] = []
        let found = vectors.mapValues { "\($0.size) \($0.distance) \($0.datatype)\($0.isMultivector ? " multivector" : "")" }
        for vector in configuration.vectors {
            checks.append(
                CheckResult(
                    subject, vector.name.isEmpty ? "vectors" : "vectors \(vector.name.quoted)",
                    expected: "\(vector.size) \(vector.distance) \(vector.datatype)\(vector.multivector == nil ? "" : " multivector")",
                    actual: found[vector.name] ?? "none"))
        }
        let known = Set(configuration.vectors.map(\.name))
        for name in found.keys.sorted() where !known.contains(name) {
            checks.append(CheckResult(subject, "vectors \(name.quoted)", expected: "none", actual: found[name] ?? "none"))
        }
        func list(_ names: some Sequence<String>) -> String {
            let names = names.sorted().map(\.quoted)
            return names.isEmpty ? "none" : names.joined(separator: ", ")
        }
        checks.append(
            CheckResult(
                subject, "sparse vectors", expected: list(configuration.sparseVectors.map(\.name)), actual: list(segment.sparseVectors)))
        return checks
    }
}
