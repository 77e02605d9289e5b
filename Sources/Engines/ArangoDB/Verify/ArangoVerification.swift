import Documents
import Recovery

/// Compares a restored database with its backup: collections, every document, properties, indexes, views, graphs, analyzers.
struct ArangoVerification: Sendable {
    enum Depth: String, Choice {
        /// Only how many documents there are, by the server's own counters.
        case counts
        /// Every document is read and compared by its digest.
        case documents
    }

    let target: ArangoTarget
    let backup: BackupInHand
    let scratch: String
    /// What it is called on the target.
    let database: String
    let known: DumpedDatabase
    let depth: Depth
    /// The only collections to look at; nil: the whole database.
    let chosen: [String]?
    let jobs: Int
    let ignore: [String]
    let time: any TimeSource
    let say: @Sendable (String) -> Void

    struct Outcome: Sendable {
        var checks: [CheckResult] = []
        var notExercised: [NotExercised] = []
    }

    func run() async throws -> Outcome {
        let version = try await target.client.ready().version
        // Whatever expires while this goes on is neither here nor there.
        let moment = time.now.advanced(bySeconds: Self.margin)
        let expiries = try expiries()
        let digests = DigestSink(expiries, lasting: moment)
        let compared = self.compared
        let contents = try await DatabaseSnapshot.with(of: database, on: target.client, version, jobs: jobs, time) { snapshot in
            let there = Set(snapshot.contents.collections.map(\.name))
            if depth == .documents {
                let names = compared.map(\.name).filter(there.contains)
                say("reading every document of \(names.count) collections")
                try await snapshot.read(names) { try await digests.take($0, $1) }
            }
            return snapshot.contents
        }
        var outcome = Outcome()
        for collection in known.collections where isMeant(collection.name) {
            guard let actual = contents.collections.first(where: { $0.name == collection.name }) else {
                // Those of the system that are left out at a restore, every server has by itself.
                if !collection.isSystem || !DumpedDatabase.notCompared.contains(collection.name) {
                    outcome.checks.append(CheckResult("collection \(collection.name)", "is there", expected: "yes", actual: "no"))
                }
                continue
            }
            outcome.checks += try await check(collection, actual, digests, expiries[collection.name], moment, &outcome.notExercised)
        }
        outcome.checks += strangers(contents)
        if chosen == nil {
            outcome.checks += views(contents)
            outcome.checks += try await definitions()
            try await compareGrants(&outcome)
        }
        outcome.checks = outcome.checks.filter { check in
            !ignore.contains { Glob($0).matches("\(check.subject): \(check.aspect)") || Glob($0).matches(check.subject) }
        }
        return outcome
    }

    private func isMeant(_ name: String) -> Bool { chosen?.contains(name) ?? true }

    private var compared: [DumpedCollection] {
        known.collections.filter { isMeant($0.name) && !DumpedDatabase.notCompared.contains($0.name) }
    }

    // MARK: Collections

    private func check(
        _ collection: DumpedCollection, _ actual: DatabaseContents.Collection, _ digests: DigestSink, _ expiry: Expiry?,
        _ moment: Timestamp, _ notExercised: inout [NotExercised]
    ) async throws -> [CheckResult] {
        let subject = "collection \(collection.name)"
        guard !DumpedDatabase.notCompared.contains(collection.name) else {
            notExercised.append(NotExercised("documents of \(subject)", because: "the server writes them itself"))
            return []
        }
        var checks = [
            CheckResult(subject, "type", expected: collection.isEdge ? "edge" : "document", actual: actual.isEdge ? "edge" : "document")
        ]
        let expected = try StructureText(collection.restorable)
        let found = try StructureText(actual.restorable)
        let compared = try await documents(of: collection, digests, expiry, moment)
        if compared.isEmpty { notExercised.append(NotExercised("documents of \(subject)", because: "all of the backup have expired")) }
        checks += compared
        // What every server gives its own collections differs between versions.
        guard !collection.isSystem else { return checks }
        checks.append(try properties(of: collection, actual))
        checks += indexes(expected.indexes, found.indexes, subject)
        return checks
    }

    private func documents(
        of collection: DumpedCollection, _ digests: DigestSink, _ expiry: Expiry?, _ moment: Timestamp
    ) async throws -> [CheckResult] {
        let subject = "collection \(collection.name)"
        let digest = digests[collection.name]
        let count = depth == .documents ? digest.documents : try await target.client.count(collection.name, in: database)
        if let expiry, count < collection.documents {
            return try await lasting(of: collection, count, digests.lasting(collection.name), expiry, moment)
        }
        var checks = [CheckResult(subject, "documents", expected: collection.documents, actual: count)]
        if depth == .documents, collection.documents > 0 || count > 0 {
            checks.append(Self.content(subject, "content of every document", collection.digest, digest))
        }
        return checks
    }

    /// Of a collection whose documents expire, those that cannot have yet: they are looked for in the dump, and have to be there.
    private func lasting(
        of collection: DumpedCollection, _ count: Int64, _ found: ContentDigest, _ expiry: Expiry, _ moment: Timestamp
    ) async throws -> [CheckResult] {
        let subject = "collection \(collection.name)"
        say("looking in the dump for documents of '\(collection.name)' that have not expired")
        let kept = DigestSink([collection.name: expiry], lasting: moment)
        let source = BackupDump(backup, known, only: nil, scratch: scratch, say: say)
        guard let lines = try await source.lines(of: collection.restorable) else {
            throw Failure(.damaged, "backup \(backup.manifest.id) has no documents of collection '\(collection.name)'")
        }
        do { while let piece = try await lines.next() { try await kept.take(collection.name, piece) } } catch {
            await lines.close()
            throw error
        }
        await lines.close()
        let expected = kept.lasting(collection.name)
        if expected.documents == 0, depth == .counts || found.documents == 0 { return [] }
        let tolerance = "of \(collection.documents); the server takes out what has expired"
        guard depth == .documents else {
            return [
                CheckResult(
                    subject, "documents", expected: "at least \(expected.documents)", actual: "\(count)",
                    verdict: count >= expected.documents ? .held : .differed, tolerance: tolerance)
            ]
        }
        return [
            CheckResult(
                subject, "documents that have not expired", expected: "\(expected.documents)", actual: "\(found.documents)",
                verdict: expected.documents == found.documents ? .held : .differed, tolerance: tolerance),
            Self.content(subject, "content of documents that have not expired", expected.text, found),
        ]
    }

    private static let margin = 600.0

    private func expiries() throws -> [String: Expiry] {
        var expiries: [String: Expiry] = [:]
        for collection in compared { expiries[collection.name] = Expiry(try StructureText(collection.restorable).indexes) }
        return expiries
    }

    private static func content(_ subject: String, _ aspect: String, _ expected: String, _ actual: ContentDigest) -> CheckResult {
        CheckResult(
            subject, aspect, expected: short(expected), actual: short(actual.text), verdict: expected == actual.text ? .held : .differed,
            compared: Int(max(1, actual.documents)))
    }

    private static func short(_ digest: String) -> String { String(digest.prefix(16)) }

    private func properties(of collection: DumpedCollection, _ actual: DatabaseContents.Collection) throws -> CheckResult {
        let (expected, found) = (
            try Self.parameters(collection.structure, collection.name), try Self.parameters(actual.structure, collection.name)
        )
        return Self.check("collection \(collection.name)", "properties", expected, found)
    }

    private static func parameters(_ structure: [UInt8], _ name: String) throws -> JSONValue {
        guard let parameters = (try? JSONValue(parsing: structure))?["parameters"] else {
            throw Failure(.damaged, "the structure of collection '\(name)' cannot be read", hint: "choose another backup")
        }
        return parameters
    }

    private static func check(_ subject: String, _ aspect: String, _ expected: JSONValue, _ actual: JSONValue) -> CheckResult {
        guard let difference = ComparedDefinitions.difference(expected, actual) else {
            return CheckResult(subject, aspect, expected: "as in the backup", actual: "as in the backup")
        }
        let path = difference.path.isEmpty ? "" : "\(difference.path) "
        return CheckResult(subject, aspect, expected: path + difference.expected, actual: path + difference.actual)
    }

    private func indexes(_ expected: [StructureText.Index], _ actual: [StructureText.Index], _ subject: String) -> [CheckResult] {
        var left = actual
        var checks: [CheckResult] = []
        for index in expected {
            guard
                let place = left.firstIndex(where: { index.isSame(as: $0) && index.name == $0.name })
                    ?? left.firstIndex(where: { index.isSame(as: $0) })
            else {
                checks.append(CheckResult("\(subject): index \(index.words)", "is there", expected: "yes", actual: "no"))
                continue
            }
            let found = left.remove(at: place)
            guard let one = try? JSONValue(parsing: index.text), let other = try? JSONValue(parsing: found.text) else { continue }
            checks.append(Self.check("\(subject): index \(index.words)", "definition", one.withoutType, other.withoutType))
        }
        checks += left.map { CheckResult("\(subject): index \($0.words)", "is there", expected: "no", actual: "yes") }
        return checks
    }

    /// What is there and the backup does not have: the database was not empty, or somebody has written since.
    private func strangers(_ contents: DatabaseContents) -> [CheckResult] {
        guard chosen == nil, !known.isPartial else { return [] }
        let names = Set(known.collections.map(\.name))
        return contents.collections.filter { !$0.isSystem && !names.contains($0.name) }.map {
            CheckResult("collection \($0.name)", "is there", expected: "no", actual: "yes")
        }
    }

    // MARK: Views, graphs, analyzers

    private func views(_ contents: DatabaseContents) -> [CheckResult] {
        var checks: [CheckResult] = []
        for view in known.views {
            guard let actual = contents.views.first(where: { $0.name == view.name }) else {
                checks.append(CheckResult("view \(view.name)", "is there", expected: "yes", actual: "no"))
                continue
            }
            guard let one = try? JSONValue(parsing: view.definition), let other = try? JSONValue(parsing: actual.definition) else {
                checks.append(.undetermined("view \(view.name)", "definition", expected: "as in the backup", because: "it cannot be read"))
                continue
            }
            checks.append(Self.check("view \(view.name)", "definition", one, other))
        }
        let names = Set(known.views.map(\.name))
        guard !known.isPartial else { return checks }
        return checks
            + contents.views.filter { !names.contains($0.name) }.map {
                CheckResult("view \($0.name)", "is there", expected: "no", actual: "yes")
            }
    }

    private func definitions() async throws -> [CheckResult] {
        let there = try await DefinitionReading(client: target.client, database: database).all()
        var checks: [CheckResult] = []
        for definition in known.definitions {
            let subject = "\(definition.kind.rawValue) \(definition.name)"
            guard let actual = there.first(where: { $0.kind == definition.kind && $0.name == definition.name }) else {
                checks.append(CheckResult(subject, "is there", expected: "yes", actual: "no"))
                continue
            }
            let isGraph = definition.kind == .graph
            checks.append(
                Self.check(
                    subject, "definition", isGraph ? ComparedDefinitions.ordered(graph: definition.definition) : definition.definition,
                    isGraph ? ComparedDefinitions.ordered(graph: actual.definition) : actual.definition))
        }
        return checks
    }

    private func compareGrants(_ outcome: inout Outcome) async throws {
        guard !known.grants.isEmpty else { return }
        let there: Set<String>
        do { there = Set(try await target.client.users()) } catch let failure as Failure where failure.kind == .credentials {
            outcome.notExercised += known.grants.map { NotExercised($0.subject, because: "this login may not ask for them") }
            return
        }
        for grant in known.grants {
            guard there.contains(grant.user) else {
                // Accounts are of the server, and not of this database: who is gone may have been let go.
                outcome.notExercised.append(NotExercised(grant.subject, because: "there is no such account on this server"))
                continue
            }
            let actual = try await target.client.grant(of: grant.user, in: database)
            outcome.checks.append(
                CheckResult(
                    "user \(grant.user)", "what it may do", expected: grant.words, actual: actual.words,
                    verdict: actual.givesWhat(grant) ? .held : .differed))
        }
    }
}

extension JSONValue {
    /// Versions call some types by other names; that they are the same was seen already.
    fileprivate var withoutType: JSONValue { .object((members ?? []).filter { $0.key != "type" }) }
}
