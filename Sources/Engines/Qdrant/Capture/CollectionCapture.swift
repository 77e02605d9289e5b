import Bindings
import Documents
import Recovery

/// Captures one collection.
struct CollectionCapture: Sendable {
    let target: QdrantTarget
    let nodes: QdrantNodes
    let clock: SnapshotClock
    let way: CaptureWay
    let keepsFingerprints: Bool
    let goldenQueries: Int
    let sink: any CaptureSink

    private static let samples = 20
    private var client: QdrantClient { target.client }

    private func scan(_ say: @escaping @Sendable (String) -> Void) -> CollectionScan {
        CollectionScan(client: client, time: target.time, say: say)
    }

    /// What there is to keep in the inventory. Its files are with the sink when this returns, and gone when it throws: what belongs to no
    /// collection of the inventory would make the whole backup a damaged one.
    func capture(_ name: String) async throws -> [InventoryItem] {
        let files = CapturedFiles(folder: sink.workFolder)
        do {
            let items = try await capture(name, into: files)
            for (path, key) in files.all { try await sink.adopt(file: path, as: key) }
            return items
        } catch {
            await files.remove()
            throw error
        }
    }

    private func capture(_ name: String, into files: CapturedFiles) async throws -> [InventoryItem] {
        guard let info = try await client.info(name) else {
            throw Failure(.notFound, "there is no collection '\(name)' on \(target.server.words)")
        }
        guard !CollectionConfigurationText.isCustomSharded(info.config) else {
            throw Failure(
                .unfit, "collection '\(name)' has custom sharding, and lifeboat could not restore it",
                hint: "leave it out with `exclude:`, and keep it by other means")
        }
        let before = try await failing { try await client.count(name) }
        var collection = CapturedCollection(
            name: name, points: before, way: way, config: info.config, status: info.status, parts: [:], fingerprints: nil,
            writers: .unwatched)
        var sample = Reservoir<[UInt8]>(size: Self.samples, seed: Self.seed(of: name))
        var registered: [String: JSONValue]?
        let fingerprints = keepsFingerprints ? files.add(PartName.fingerprints(of: name)) : nil
        switch way {
        case .snapshot:
            if let fingerprints { collection.points = try await fingerprint(name, to: fingerprints, &sample) }
            (collection.parts, registered) = try await snapshots(of: name, info, into: files)
        case .points:
            let file = try await points(of: name, to: fingerprints, &sample, into: files)
            collection.points = file.count
            collection.unreadable = file.unreadable
            collection.unreadableCount = file.unreadableCount
            collection.parts = ["": PartName.points(of: name)]
        case .storage: throw Failure(.bug, "a storage folder is captured whole, and not collection by collection")
        }
        collection.fingerprints = fingerprints.map { _ in PartName.fingerprints(of: name) }
        let points =
            sample.offered > 0
            ? sample.elements
            : try await SampledPoints(client: client).take(Self.samples, of: name, holding: before, seed: Self.seed(of: name))
        let others = try await items(of: name, info, registered, points)
        // Last, so that what was read is what was captured, as far as that can be told.
        let after = try await failing { try await client.count(name) }
        collection.pointsAfter = after
        collection.writers = try await writers(of: collection, before: before, after: after, fingerprints)
        return [collection.item] + others
    }

    /// The same points of the same collection each time.
    static func seed(of collection: String) -> UInt64 {
        SHA256.hexDigest(of: Array(collection.utf8)).prefix(16).reduce(0) { $0 << 4 | UInt64($1.hexDigitValue ?? 0) }
    }

    /// `registered`: indexes that the collection knows of, which its snapshot says and the server does not: what that shows is gathered from
    /// the data, where indexes are too that nobody has registered since a recover (contract 3.1, 6.3).
    private func items(
        of name: String, _ info: CollectionInfo, _ registered: [String: JSONValue]?, _ points: [[UInt8]]
    ) async throws -> [InventoryItem] {
        var items: [InventoryItem] = []
        let indexes = info.payloadIndexes.merging(registered ?? [:]) { shown, _ in shown }
        for (field, schema) in indexes.sorted(by: { $0.key < $1.key }) {
            items.append(QdrantBackup.index(of: field, schema, in: name, isRegistered: registered.map { $0[field] != nil }))
        }
        let read = points.compactMap { bytes in (try? Point(reading: bytes[...])).map { (bytes, $0) } }
        for (bytes, point) in read { items.append(QdrantBackup.sample(bytes, point.id, of: name)) }
        let golden = try await GoldenCapture(client: client).ask(name, about: read.map(\.1), queries: goldenQueries)
        for (number, query) in golden.enumerated() { items.append(try QdrantBackup.golden(query, number + 1, of: name)) }
        return items
    }

    // MARK: By snapshot

    private func snapshots(of name: String, _ info: CollectionInfo, into files: CapturedFiles) async throws -> (
        parts: [String: String], registered: [String: JSONValue]?
    ) {
        var parts: [String: String] = [:]
        var registered: [String: JSONValue]?
        for (peer, node) in try await nodes.holding(name) {
            let key = PartName.snapshot(of: name, peer: nodes.isCluster ? peer : "")
            let path = files.add(key)
            let capture = SnapshotCapture(
                client: node, otherNodes: target.nodes.filter { $0.server.words != node.server.words }, time: target.time, clock: clock,
                sink: sink)
            let made = try await capture.capture(name, to: path)
            let snapshot = try await check(path, made, of: name, holding: info, peer: nodes.isCluster ? peer : nil)
            registered = registered ?? snapshot.collections.first?.registeredIndexes
            parts[nodes.isCluster ? peer : ""] = key
        }
        return (parts, registered)
    }

    /// A file that cannot be restored is no backup, and now there is still a server to make another.
    private func check(
        _ path: String, _ made: SnapshotCapture.Captured, of name: String, holding info: CollectionInfo, peer: String?
    ) async throws -> QdrantSnapshot {
        let snapshot = try await QdrantSnapshot.read(path, .outline)
        let agreement = snapshot.agrees(with: SnapshotExpectation(collection: .init(configuration: info.config)))
        // A node of a cluster has not all shards, and says so.
        let findings = ((peer == nil ? snapshot.checks : []) + agreement).filter { $0.verdict == .differed }
        guard let finding = findings.first else { return snapshot }
        throw Failure(
            .engine,
            "the snapshot that \(target.server.words) made of collection '\(name)' cannot be used: \(finding.subject): \(finding.aspect) is \(finding.actual), expected \(finding.expected)",
            hint:
                "was the collection changed while it was captured? Take the backup again; if it stays so, capture by points (`way: points`)"
        )
    }

    private func writers(
        of collection: CapturedCollection, before: Int64, after: Int64, _ fingerprints: String?
    ) async throws -> CapturedCollection.Writers {
        guard before == after, collection.points == before else { return .active }
        guard let fingerprints, way == .snapshot else { return .unwatched }
        sink.progress("reading '\(collection.name)' again, to see whether anybody wrote meanwhile")
        var comparison = try await FingerprintComparison(fingerprints, of: collection.name)
        try await scan { [sink] in sink.progress($0) }.run(collection.name) { try await comparison.take($0) }
        try await comparison.finish()
        return comparison.isSame ? .idle : .active
    }

    // MARK: Point by point

    private func fingerprint(_ name: String, to path: String, _ sample: inout Reservoir<[UInt8]>) async throws -> Int64 {
        sink.progress("reading every point of '\(name)' for its fingerprint")
        let file = try await FingerprintsFile(creating: path, of: name)
        var kept = sample
        try await scan { [sink] in sink.progress($0) }.run(name) { page in
            try await file.take(page)
            for index in page.ranges.indices { kept.offer { Array(page[index]) } }
        }
        sample = kept
        try await file.finish()
        return file.count
    }

    private func points(
        of name: String, to fingerprints: String?, _ sample: inout Reservoir<[UInt8]>, into files: CapturedFiles
    ) async throws -> PointsFile {
        sink.progress("reading every point of '\(name)'")
        let file = try await PointsFile(creating: files.add(PartName.points(of: name)), of: name)
        var prints: FingerprintsFile?
        if let fingerprints { prints = try await FingerprintsFile(creating: fingerprints, of: name) }
        var kept = sample
        try await scan { [sink] in sink.progress($0) }.run(name) { page in
            try await file.take(page)
            try await prints?.take(page)
            for index in page.ranges.indices { kept.offer { Array(page[index]) } }
        }
        sample = kept
        try await file.finish()
        try await prints?.finish()
        return file
    }
}
