import Documents
import Engines
import Outlets
import Recovery

/// What a snapshot file holds, for people.
struct SnapshotPage {
    private let row: SnapshotRow
    private let style: TerminalStyle
    private static let labelWidth = 15

    init(_ row: SnapshotRow, _ style: TerminalStyle) { (self.row, self.style) = (row, style) }

    var text: TerminalText {
        let verdict: TerminalText =
            row.isSound ? TerminalText("SOUND").styled(.good, style) : TerminalText("NOT SOUND").styled(.bad, style)
        guard let snapshot = row.snapshot else {
            let failure = row.failure
            let hint: [TerminalText] = failure?.advice.map { [Self.line("hint", "\($0)")] } ?? []
            return Self.joined([verdict + "  \(failure?.problem ?? row.file)"] + hint)
        }
        var lines = [verdict + "  \(row.file): \(Self.words(snapshot)), \(Readable.bytes(snapshot.bytes))"]
        for collection in snapshot.collections { lines += Self.lines(collection, in: snapshot) }
        for (alias, collection) in snapshot.aliases.sorted(by: { $0.key < $1.key }) {
            lines.append(Self.line("alias", "\(alias) → \(collection)"))
        }
        lines += generation(snapshot)
        lines += verdicts(snapshot)
        return Self.joined(lines)
    }

    private static func words(_ snapshot: QdrantSnapshot) -> String {
        switch snapshot.kind {
        case .collection: "snapshot of a collection\(snapshot.isPartial ? " without all of its shards" : "")"
        case .shard: "snapshot of one shard"
        case .streamedShard: "snapshot of one shard, streamed"
        case .full: "snapshot of a whole server, \(Readable.count(snapshot.collections.count, "collection", "collections"))"
        }
    }

    private static func line(_ label: TerminalText, _ text: TerminalText) -> TerminalText { "  " + label.padded(to: labelWidth) + text }

    private static func joined(_ lines: [TerminalText]) -> TerminalText { lines.dropFirst().reduce(lines[0]) { $0 + "\n" + $1 } }

    // MARK: - A collection

    private static func lines(_ collection: SnapshotCollection, in snapshot: QdrantSnapshot) -> [TerminalText] {
        var lines: [TerminalText] = []
        if let name = collection.name { lines.append(line("collection", "\(name)")) }
        if let configuration = collection.configuration {
            lines += Self.lines(configuration, shardKeys: collection.shardKeys)
        } else if let segment = collection.segments.first {
            let vectors = (segment.vectors ?? [:]).sorted { $0.key < $1.key }.map {
                [
                    called($0.key), "\($0.value.size)", "\($0.value.distance)", "\($0.value.datatype)",
                    $0.value.isMultivector ? "multivector" : "",
                ]
            }
            lines += table("vector", vectors)
            lines += table("sparse vector", segment.sparseVectors.sorted().map { [called($0)] })
        }
        lines += table(
            "payload index",
            collection.payloadIndexes.sorted { $0.key < $1.key }.map {
                [TerminalText($0.key), TerminalText(($0.value.string ?? $0.value.text()).clipped(to: 200))]
            })
        for field in collection.unregisteredIndexes {
            lines.append(line("payload index", "\(field)  in the data only: a recovered collection does not know it, make it again"))
        }
        for shard in collection.shards { lines.append(line("shard\(shard.id.map { " \($0)" } ?? "")", Self.text(shard))) }
        let most = collection.pointsAtMost.map { "at most \(Readable.count($0))" } ?? "their number cannot be read offline"
        lines.append(line("points", "\(most)"))
        return lines
    }

    private static func lines(_ configuration: CollectionConfiguration, shardKeys: [String: Set<Int>]) -> [TerminalText] {
        var lines = table(
            "vector",
            configuration.vectors.map { vector in
                [
                    called(vector.name), "\(vector.size)", "\(vector.distance)", "\(vector.datatype)",
                    "\([vector.multivector.map { "multivector \($0)" }, vector.isOnDisk ? "on disk" : nil, vector.quantization.map { "quantised \($0)" }].compactMap { $0 }.joined(separator: ", "))",
                ]
            })
        lines += table(
            "sparse vector",
            configuration.sparseVectors.map { [called($0.name), "\($0.modifier ?? "")", $0.isOnDisk ? "on disk" : ""] })
        if configuration.hasNoVectors {
            lines.append(line("vector", "none: nothing can be searched for; a create with a wrong body makes this"))
        }
        let shards = configuration.shardNumber == 1 ? "1 shard" : "\(configuration.shardNumber) shards"
        let keys = shardKeys.isEmpty ? "" : " of each key (\(shardKeys.keys.sorted().map(\.quoted).joined(separator: ", ")))"
        lines.append(
            line(
                "configuration",
                "\(shards)\(keys), sharding \(configuration.shardingMethod), replication \(configuration.replicationFactor), write consistency \(configuration.writeConsistencyFactor), payload \(configuration.payloadIsOnDisk ? "on disk" : "in memory")"
            ))
        for (label, value) in [
            ("uuid", configuration.uuid), ("strict mode", configuration.strictMode), ("metadata", configuration.metadata),
        ] as [(TerminalText, JSONValue?)] {
            if let value { lines.append(line(label, "\((value.string ?? value.text()).clipped(to: 200))")) }
        }
        return lines
    }

    private static func called(_ name: String) -> TerminalText { name.isEmpty ? "(unnamed)" : "\(name)" }

    private static func text(_ shard: SnapshotShard) -> TerminalText {
        guard shard.isHere else {
            return "not here: \(shard.replicas.sorted { $0.key < $1.key }.map { "peer \($0.key) \($0.value)" }.joined(separator: ", "))"
        }
        let points = shard.pointsAtMost.map { "at most \(Readable.count($0)) \($0 == 1 ? "point" : "points")" } ?? "points unknown"
        let replicas = shard.replicas.sorted { $0.key < $1.key }.map { "peer \($0.key) \($0.value)" }.joined(separator: ", ")
        return "\(Readable.count(shard.segments.count, "segment", "segments")), \(points)\(replicas.isEmpty ? "" : ", \(replicas)")"
    }

    private static func table(_ label: TerminalText, _ rows: [[TerminalText]]) -> [TerminalText] {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.compactMap { column < $0.count ? $0[column].columns : nil }.max() ?? 0 }
        return rows.map { row in
            var cells: TerminalText = ""
            // Nothing is padded behind which nothing stands.
            let end = (row.lastIndex { $0.columns > 0 } ?? 0) + 1
            for (column, cell) in row.prefix(end).enumerated() {
                cells = cells + (column + 1 == end ? cell : cell.padded(to: widths[column] + 2))
            }
            return line(label, cells)
        }
    }

    // MARK: - The whole

    private func generation(_ snapshot: QdrantSnapshot) -> [TerminalText] {
        let parts = snapshot.rocksDBWords
        let words =
            parts.isEmpty
            ? "no RocksDB: nothing in it keeps newer servers from reading it"
            : "RocksDB has \(parts.prefix(8).joined(separator: ", "))\(parts.count > 8 ? ", …" : ""): servers to 1.17 read it, 1.18 and later do not"
        var lines = [Self.line("generation", "\(words)")]
        if let asked = row.asked {
            switch asked.answer {
            case .readable: lines.append(Self.line("for \(asked.version.minorNumbers)", "readable, as far as the file tells"))
            case .unknown: break
            case .unreadable(let because, let instead):
                lines.append(Self.line("for \(asked.version.minorNumbers)", "NOT READABLE: \(because)"))
                lines.append(Self.line("hint", "\(instead)"))
            }
        }
        return lines
    }

    private func verdicts(_ snapshot: QdrantSnapshot) -> [TerminalText] {
        var lines: [TerminalText] = []
        if let sha256 = snapshot.sha256 { lines.append(Self.line("SHA-256", "\(sha256)")) }
        for check in row.checks where check.isFinding {
            lines.append(Self.line("DIFFERS", "\(check.subject), \(check.aspect): expected \(check.expected), found \(check.actual)"))
        }
        let tally = CheckTally(row.checks)
        lines.append(
            Self.line(
                "checked", "every byte read; \(tally.compared) compared, \(tally.differed) differ, \(tally.undetermined) undetermined"))
        if snapshot.isPartial {
            lines.append(
                Self.line("hint", "a snapshot holds the shards of one node: take one on every node of the cluster, and recover them all"))
        }
        if row.checksums.isEmpty {
            lines.append(
                Self.line(
                    "NOT SEEN",
                    "a flipped bit inside of vectors and payload, which no server notices either: compare with --sha256 HEX, which the server gave as 'checksum'"
                ))
        } else if !row.checksums.contains(where: \.isFinding) {
            lines.append(Self.line("equal", "it is the file whose checksum was given, bit by bit"))
        }
        return lines
    }
}
