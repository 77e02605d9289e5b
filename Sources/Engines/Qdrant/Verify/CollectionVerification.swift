import Bindings
import Documents
import Recovery

/// Holds one collection of a server against what a backup says of it.
struct CollectionVerification: Sendable {
    enum Depth: String, Choice {
        case counts, sample, all
    }

    struct Outcome: Sendable {
        var checks: [CheckResult] = []
        var notExercised: [NotExercised] = []
        var notes: [String] = []
    }

    let target: QdrantTarget
    let backup: BackupInHand
    let known: QdrantBackup
    let captured: CapturedCollection
    let name: String
    let depth: Depth
    let recall: Double
    let comparesAliases: Bool
    let ignore: [String]
    let scratch: String
    let say: @Sendable (String) -> Void

    var subject: String { "collection \(name)" }
    private var client: QdrantClient { target.client }
    /// What of the backup's points can be on a server at all.
    private var expectedPoints: Int64 { captured.way == .points ? captured.points - captured.unreadableCount : captured.points }

    func run() async throws -> Outcome {
        var outcome = Outcome()
        guard let info = try await client.info(name) else {
            throw Failure(.engine, "there is no collection '\(name)' on \(target.server.words) to verify", hint: "recover it first")
        }
        try await count(&outcome)
        outcome.checks += ComparedConfiguration(
            expected: captured.config, actual: info.config, isSameMinor: try await isSameMinor()
        ).checks(subject)
        outcome.checks += PayloadIndexes.compare(known.indexes[captured.name] ?? [:], info.payloadIndexes, in: name)
        outcome.checks.append(
            CheckResult(
                subject, "state", expected: "green or grey", actual: info.optimizerError.map { "optimiser failed: \($0)" } ?? info.status,
                verdict: info.optimizerError == nil && ["green", "grey"].contains(info.status) ? .held : .differed))
        try await shards(&outcome)
        if comparesAliases { try await aliases(&outcome) }
        if captured.way == .storage { outcome.notExercised += Self.untold(subject, by: depth) }
        if depth != .counts, captured.way != .storage { try await samples(&outcome) }
        if depth == .all, captured.way != .storage {
            if isKnown {
                try await everyPoint(&outcome)
            } else {
                outcome.notExercised.append(NotExercised("every point of \(subject)", because: Self.cannotTell))
            }
        }
        try await golden(&outcome)
        outcome.checks.removeAll { check in
            ignore.contains { Glob($0).matches("\(check.subject): \(check.aspect)") || Glob($0).matches(check.subject) }
        }
        return outcome
    }

    /// What a folder that was captured without its server cannot be held against.
    static func untold(_ subject: String, by depth: Depth) -> [NotExercised] {
        let reason = "its server was stopped when its storage folder was captured, and no file tells it"
        var untold = ["exact count of \(subject)", "golden queries of \(subject)"]
        switch depth {
        case .counts: break
        case .sample: untold.append("sampled points of \(subject)")
        case .all: untold.append("every point of \(subject)")
        }
        return untold.map { NotExercised($0, because: reason) }
    }

    /// Whether what was captured is known point by point.
    private var isKnown: Bool { captured.writers != .active || captured.way == .points }
    private static let cannotTell = "somebody wrote while it was captured, so what differs need not be wrong"

    private func isSameMinor() async throws -> Bool {
        guard let source = QdrantVersion(backup.manifest.engineVersion) else { return false }
        let version = try await client.root().version
        return version.major == source.major && version.minor == source.minor
    }

    // MARK: What there is

    private func count(_ outcome: inout Outcome) async throws {
        switch try await target.readable.standing(of: name) {
        case .readable(let points):
            outcome.checks.append(captured.check(points, of: subject))
        case .broken(let reason):
            outcome.checks.append(
                CheckResult(subject, "points", expected: "\(expectedPoints)", actual: "cannot be read: \(reason)", verdict: .differed))
        case .missing:
            outcome.checks.append(
                CheckResult(subject, "points", expected: "\(expectedPoints)", actual: "no collection", verdict: .differed))
        }
    }

    private func shards(_ outcome: inout Outcome) async throws {
        for node in [client] + target.otherNodes {
            guard let shards = try await node.shards(name) else { continue }
            let complaints = shards.complaints
            outcome.checks.append(
                CheckResult(
                    subject, "shards on \(node.server.words)", expected: "all active",
                    actual: complaints.isEmpty ? "all active" : complaints.joined(separator: "; "),
                    verdict: complaints.isEmpty ? .held : .differed, compared: max(1, shards.local.count + shards.remote.count)))
        }
    }

    private func aliases(_ outcome: inout Outcome) async throws {
        let there = try await client.aliases()
        for alias in known.aliases.filter({ $0.value == captured.name }).keys.sorted() {
            outcome.checks.append(CheckResult("alias \(alias)", "collection", expected: name, actual: there[alias] ?? "none"))
        }
    }

    // MARK: Points

    private var shapes: [String: VectorShape] {
        let vectors = (try? CollectionConfiguration(captured.config))?.vectors ?? []
        return Dictionary(vectors.map { ($0.name, VectorShape($0)) }) { first, _ in first }
    }

    private func samples(_ outcome: inout Outcome) async throws {
        let expected = (known.samples[captured.name] ?? []).compactMap { try? Point(reading: $0[...]) }.filter { !$0.hasUnreadableValues }
        guard !expected.isEmpty else {
            if expectedPoints > 0 {
                outcome.notExercised.append(NotExercised("sampled points of \(subject)", because: "the backup holds none"))
            }
            return
        }
        let body = try await client.retrieve(name, ids: expected.map(\.id.json))
        let page = try PointPage.read(body, of: name, client)
        var found: [PointID: Point] = [:]
        for index in page.ranges.indices {
            let point = try page.read(index, of: name, client)
            found[point.id] = point
        }
        var (held, differed): ([CheckResult], [CheckResult]) = ([], [])
        for point in expected {
            let what = "point \(name)/\(point.id)"
            guard let actual = found[point.id] else {
                differed.append(CheckResult(what, "presence", expected: "present", actual: "missing"))
                continue
            }
            let comparison = PointComparison(expected: point, actual: actual, shapes: shapes)
            differed += comparison.differences.map {
                CheckResult(what, $0.aspect, expected: $0.expected, actual: $0.actual, verdict: .differed)
            }
            if comparison.differences.isEmpty {
                held.append(
                    CheckResult(
                        what, "content", expected: "as captured", actual: "as captured", verdict: .held, compared: comparison.compared))
            }
        }
        outcome.checks += held
        // Writers change some points, and not every one.
        if isKnown || held.isEmpty {
            outcome.checks += differed
        } else {
            outcome.notExercised += differed.map { NotExercised("\($0.subject): \($0.aspect)", because: Self.cannotTell) }
        }
    }

    static func lackOfFingerprints(_ collection: String, _ backup: BackupInHand) -> Failure {
        Failure(
            .unfit,
            "backup \(backup.manifest.id) has no fingerprints of the points of collection '\(collection)', so not all of them can be compared",
            hint: "write `fingerprint: [points]` into its policy and take a new one, or verify with `points: sample`")
    }

    private func everyPoint(_ outcome: inout Outcome) async throws {
        say("comparing every point of '\(name)'")
        let scan = CollectionScan(client: client, time: target.time, say: say)
        let result: EveryPoint
        if captured.way == .points, let part = captured.parts(of: backup).first {
            result = try await SnapshotFiles.opened(part, of: backup, scratch: scratch, say: say) { path in
                var comparison = try await PointsComparison(path, of: captured.name, shapes: shapes)
                try await scan.run(name) { try await comparison.take($0) }
                try await comparison.finish()
                return comparison.result
            }
        } else if let key = captured.fingerprints, let part = backup.manifest.artifacts.first(where: { $0.key == key }) {
            result = try await SnapshotFiles.opened(part, of: backup, scratch: scratch, say: say) { path in
                var comparison = try await FingerprintComparison(path, of: captured.name)
                try await scan.run(name) { try await comparison.take($0) }
                try await comparison.finish()
                return EveryPoint(equal: comparison.equal, findings: comparison.compared - comparison.equal, examples: comparison.examples)
            }
        } else {
            throw Self.lackOfFingerprints(captured.name, backup)
        }
        outcome.checks.append(result.check(subject))
    }

    // MARK: Searches

    private func golden(_ outcome: inout Outcome) async throws {
        var seconds: [Double] = []
        let queries = known.golden[captured.name] ?? []
        if queries.isEmpty, expectedPoints > 0, captured.way != .storage {
            outcome.notExercised.append(NotExercised("golden queries of \(subject)", because: "the backup holds none"))
        }
        for (number, query) in queries.enumerated() {
            let what = "golden query \(name)/\(query.vectorName.isEmpty ? "" : query.vectorName + "/")\(number + 1)"
            let exact = try await neighbours(query.body(exact: true))
            let judgement = GoldenJudgement(exactAnswer: exact, to: query)
            if captured.writers == .active {
                outcome.notExercised += judgement.differences.map { NotExercised("\(what): \($0.aspect)", because: Self.cannotTell) }
            } else {
                outcome.checks += judgement.differences.map {
                    CheckResult(what, $0.aspect, expected: $0.expected, actual: $0.actual, verdict: .differed)
                }
            }
            if judgement.differences.isEmpty {
                outcome.checks.append(
                    CheckResult(
                        what, "exact neighbours", expected: "as captured", actual: "as captured", verdict: .held,
                        compared: judgement.compared))
            }
            let start = target.time.uptime
            let indexed = try await neighbours(query.body(exact: false))
            seconds.append((target.time.uptime - start).inSeconds)
            let found = GoldenJudgement.recall(of: indexed, against: exact, limit: query.limit)
            outcome.checks.append(
                CheckResult(
                    what, "recall of the index", expected: "at least \(recall)", actual: "\(found)",
                    verdict: found >= recall ? .held : .differed,
                    tolerance: "at least"))
        }
        if let median = seconds.sorted().dropFirst(seconds.count / 2).first {
            outcome.notes.append("indexed searches of '\(name)' took \(Int((median * 1000).rounded(.up))) ms (median of \(seconds.count))")
        }
    }

    private func neighbours(_ body: [UInt8]) async throws -> [GoldenQuery.Neighbour] {
        let answer = try await client.query(name, body, "search collection '\(name)'")
        do { return try GoldenQuery.neighbours(reading: answer) } catch {
            throw Failure(
                .engine, "cannot search collection '\(name)' on \(target.server.words): the answer is not whole",
                cause: "\(error)" as PlainReason)
        }
    }
}

extension VectorShape {
    /// What newer servers keep differently is compared as closely as float32 is.
    fileprivate init(_ vector: VectorConfiguration) {
        self.init(
            distance: VectorDistance(rawValue: vector.distance) ?? .dot, datatype: VectorDatatype(rawValue: vector.datatype) ?? .float32)
    }
}

extension PointPage {
    static func read(_ body: [UInt8], of collection: String, _ client: QdrantClient) throws -> PointPage {
        do { return try PointPage(reading: body) } catch { throw unreadable(collection, client, error) }
    }

    func read(_ index: Int, of collection: String, _ client: QdrantClient) throws -> Point {
        do { return try point(index) } catch { throw Self.unreadable(collection, client, error) }
    }

    private static func unreadable(_ collection: String, _ client: QdrantClient, _ error: any Error) -> Failure {
        Failure(
            .engine, "cannot read the points of collection '\(collection)' on \(client.server.words): the answer is not whole",
            hint: "is there a proxy between that cuts answers off?", cause: "\(error)" as PlainReason)
    }
}
