import Documents
import Recovery

/// Turns what was read of a dump into checks.
struct DumpJudgement {
    private let verification: DumpVerification
    private let contents: ArangoDumpContents
    private let scans: [DataFileScan]
    private let tallies: [FileTally]
    /// By collection, with the places of its files.
    private let filesOf: [[Int]]
    private let tallyOf: [FileTally]
    var settled: SettledMarks
    var names: [DocumentMark.Place: LineNames.Line] = [:]

    init(_ verification: DumpVerification, _ contents: ArangoDumpContents, _ scans: [DataFileScan], _ tallies: [FileTally]) {
        (self.verification, self.contents, self.scans, self.tallies) = (verification, contents, scans, tallies)
        var filesOf = [[Int]](repeating: [], count: contents.collections.count)
        for scan in scans { filesOf[scan.collection].append(scan.place) }
        self.filesOf = filesOf
        tallyOf = filesOf.map { places in
            guard let first = places.first else { return FileTally() }
            return places.dropFirst().reduce(into: tallies[first]) { $0.combine(tallies[$1]) }
        }
        settled = SettledMarks(collections: contents.collections.count, files: scans.count)
    }

    /// Places of collections of which not every document is known.
    var unread: Set<Int> {
        Set(
            contents.collections.indices.filter { place in
                let (collection, tally) = (contents.collections[place], tallyOf[place])
                if collection.data.isEmpty { return !collection.mayBeEmpty }
                return tally.damage != nil || tally.complaints.words(.line, { _ in "" }) != nil
                    || tally.complaints.words(.key, { _ in "" }) != nil
            })
    }

    /// Lines whose documents findings name, by file.
    var wantedLines: [Int: Set<Int64>] {
        var places = settled.repeated.flatMap { $0.first.map(\.later) }
        if verification.danglingEdges == .refused { places += settled.dangling.flatMap { $0.first.map(\.place) } }
        return Dictionary(grouping: places) { $0.file }.mapValues { Set($0.map(\.line)) }
    }

    // MARK: - The report

    var report: DumpReport {
        var checks = contents.checks
        for place in contents.collections.indices { checks += self.checks(place) }
        checks += contents.views.compactMap(check)
        let graphs = tallyOf.reduce(into: [String: GraphDefinition]()) { all, tally in all.merge(tally.graphs) { $1 } }
        checks += graphs.values.sorted { $0.name < $1.name }.map(check)
        if let expected = verification.expected { checks += self.checks(expected) }
        return DumpReport(
            words: verification.files.words, database: contents.database, createdAt: contents.createdAt,
            collections: contents.collections.indices.map(collection), views: contents.views.map { .init(name: $0.name, type: $0.type) },
            graphs: graphs.keys.sorted(), checks: checks, notes: contents.notes)
    }

    private func collection(_ place: Int) -> DumpReport.Collection {
        let (dumped, tally) = (contents.collections[place], tallyOf[place])
        return DumpReport.Collection(
            name: dumped.name, isEdge: dumped.isEdge, isSystem: dumped.isSystem, isWhole: !unread.contains(place),
            documents: settled.documents[place],
            bytes: tally.unpackedBytes, indexes: dumped.indexes.map { .init(type: $0.type, name: $0.name, fields: $0.fields) },
            dataFiles: dumped.data.map(\.name), danglingEnds: dangling(place), outsideEnds: outsideEnds(place), digest: digest(place))
    }

    private func outsideEnds(_ place: Int) -> Int64 { filesOf[place].reduce(tallyOf[place].outsideEnds) { $0 + settled.outsideEnds[$1] } }

    private func dangling(_ place: Int) -> Int64 { filesOf[place].reduce(0) { $0 + settled.dangling[$1].count } }

    /// A sum cannot forget what a later line replaced.
    private func digest(_ place: Int) -> String? {
        guard verification.wantsDigests, !unread.contains(place), tallyOf[place].documents == settled.documents[place] else { return nil }
        return (tallyOf[place].digest ?? ContentDigest()).text
    }

    // MARK: - One collection

    private func checks(_ place: Int) -> [CheckResult] {
        let (dumped, tally) = (contents.collections[place], tallyOf[place])
        guard !dumped.data.isEmpty else { return [] }
        var checks: [CheckResult] = []
        if let damaged = filesOf[place].first(where: { tallies[$0].damage != nil }), let damage = tallies[damaged].damage {
            checks.append(differed(dumped, "data", "whole", "\(scans[damaged].file.name) \(damage)"))
        } else {
            checks.append(CheckResult(dumped.subject, "data", expected: "whole", actual: "whole", compared: dumped.data.count))
        }
        checks.append(lines(.line, "lines", "a document each", place, compared: tally.lines))
        checks.append(keys(place))
        checks.append(lines(.id, "_id", "the collection and the key", place, compared: tally.documents))
        if dumped.isEdge {
            checks.append(lines(.edge, "_from and _to", "names of documents", place, compared: 2 * tally.documents))
            checks.append(ends(place))
        }
        if !dumped.vectors.isEmpty {
            checks.append(
                lines(.vector, "vectors", "lists as long as their index wants them", place, compared: max(1, tally.vectors)))
        }
        return checks
    }

    private func lines(_ kind: Complaints.Kind, _ aspect: String, _ expected: String, _ place: Int, compared: Int64) -> CheckResult {
        let dumped = contents.collections[place]
        if let words = tallyOf[place].complaints.words(kind, locate) { return differed(dumped, aspect, expected, words) }
        return CheckResult(dumped.subject, aspect, expected: expected, actual: expected, compared: Int(max(1, compared)))
    }

    private func keys(_ place: Int) -> CheckResult {
        let (dumped, tally) = (contents.collections[place], tallyOf[place])
        let expected = "valid, and each once"
        let repeated = settled.repeated[place]
        let first = repeated.first.map { pair in
            "\((names[pair.later]?.key ?? "").quoted) stands in \(locate(pair.earlier)) and in \(locate(pair.later))"
        }
        let told = [
            tally.complaints.words(.key, locate),
            repeated.count == 0 ? nil : Self.few(first, of: repeated.count),
        ].compactMap { $0 }
        guard told.isEmpty else { return differed(dumped, "keys", expected, told.joined(separator: "; ")) }
        return CheckResult(dumped.subject, "keys", expected: expected, actual: expected, compared: Int(max(1, tally.documents)))
    }

    private func ends(_ place: Int) -> CheckResult {
        let dumped = contents.collections[place]
        let aspect = "documents that edges lead to"
        let expected = "in the dump"
        let dangling = filesOf[place].reduce(into: SettledMarks.Few<SettledMarks.End>()) { $0.combine(settled.dangling[$1]) }
        let unknown = filesOf[place].reduce(0) { $0 + settled.unknownEnds[$1] }
        let ends = filesOf[place].reduce(0) { $0 + settled.ends[$1] }
        let outside = outsideEnds(place)
        var told: [String] = []
        if dangling.count > 0 {
            let first = dangling.first.map { end in
                let line = names[end.place]
                return "'\(dumped.name)/\(line?.key ?? "")' \(end.isTo ? "to" : "from") \((end.isTo ? line?.to : line?.from ?? "") ?? "")"
            }
            let count = "\(dangling.count) of \(ends) ends lead to no document"
            told.append(verification.danglingEdges == .refused ? "\(count): \(Self.few(first, of: dangling.count))" : count)
        }
        if unknown > 0 { told.append("\(Self.ends(unknown)) into collections that cannot be read") }
        if outside > 0 { told.append("\(Self.ends(outside)) into collections that are not in the dump") }
        let differs = verification.danglingEdges == .refused && dangling.count > 0
        let actual = told.isEmpty ? expected : told.joined(separator: "; ")
        // Nothing is held against ends that lead elsewhere, and nothing is said for them.
        return CheckResult(
            dumped.subject, aspect, expected: expected, actual: actual, verdict: differs ? .differed : .held,
            compared: Int(max(1, ends)))
    }

    private static func ends(_ count: Int64) -> String { count == 1 ? "1 end leads" : "\(count) ends lead" }

    private static func few(_ first: [String], of count: Int64) -> String {
        let rest = count - Int64(first.count)
        return first.joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
    }

    private func locate(_ place: DocumentMark.Place) -> String {
        let scan = scans[place.file]
        return filesOf[scan.collection].count == 1 ? "line \(place.line)" : "line \(place.line) of \(scan.file.name)"
    }

    private func differed(_ dumped: CollectionInDump, _ aspect: String, _ expected: String, _ actual: String) -> CheckResult {
        CheckResult(dumped.subject, aspect, expected: expected, actual: actual, verdict: .differed)
    }

    // MARK: - The whole

    private func check(_ graph: GraphDefinition) -> CheckResult {
        let byName = Dictionary(contents.collections.map { ($0.name, $0) }) { first, _ in first }
        let missing = graph.missing(in: byName)
        return references("graph \(graph.name)", "its collections", "in the dump", missing)
    }

    private func check(_ view: ViewInDump) -> CheckResult? {
        guard !view.links.isEmpty || !view.indexes.isEmpty else { return nil }
        let byName = Dictionary(contents.collections.map { ($0.name, $0) }) { first, _ in first }
        return references(view.subject, "what it reads", "is in the dump", view.missing(in: byName))
    }

    private func references(_ subject: String, _ aspect: String, _ expected: String, _ missing: [String]) -> CheckResult {
        let differs = !missing.isEmpty && verification.danglingDefinitions == .refused
        return CheckResult(
            subject, aspect, expected: expected, actual: missing.isEmpty ? expected : missing.joined(separator: ", "),
            verdict: differs ? .differed : .held)
    }

    private func checks(_ expected: [String: DumpVerification.Expected]) -> [CheckResult] {
        let found = Set(contents.collections.map(\.name))
        var checks = Set(expected.keys).symmetricDifference(found).sorted().map { name in
            found.contains(name)
                ? CheckResult(
                    "collection \(name)", "known", expected: "no such collection", actual: "it is in the dump", verdict: .differed)
                : CheckResult("collection \(name)", "there", expected: "in the dump", actual: "it is not", verdict: .differed)
        }
        for (place, collection) in contents.collections.enumerated() {
            guard let known = expected[collection.name] else { continue }
            if let documents = known.documents {
                checks.append(
                    CheckResult(
                        collection.subject, "documents", expected: documents, actual: settled.documents[place], compared: 1))
            }
            if let ends = known.danglingEnds {
                checks.append(
                    CheckResult(collection.subject, "ends of edges that lead to no document", expected: ends, actual: dangling(place)))
            }
            if let digest = known.digest {
                checks.append(
                    CheckResult(collection.subject, "content", expected: digest, actual: self.digest(place) ?? "it cannot be told"))
            }
        }
        return checks
    }
}
