import Documents
import Recovery

/// What is known of a snapshot from elsewhere: a manifest, an inventory, somebody's memory. What is nil is not compared.
package struct SnapshotExpectation: Sendable {
    package struct Collection: Sendable {
        /// `config` of the server's answer about the collection.
        package var configuration: JSONValue?
        /// Its exact count of points. Too few in the snapshot is a finding; more may be deleted ones.
        package var points: Int64?
        /// `payload_schema` of the server's answer about the collection.
        package var payloadSchema: JSONValue?
        /// Dense vectors that somebody believes in: the size of each by name.
        package var sizes: [String: Int]?
        package var distances: [String: String]?

        package init(
            configuration: JSONValue? = nil, points: Int64? = nil, payloadSchema: JSONValue? = nil, sizes: [String: Int]? = nil,
            distances: [String: String]? = nil
        ) {
            self.configuration = configuration
            self.points = points
            self.payloadSchema = payloadSchema
            self.sizes = sizes
            self.distances = distances
        }
    }

    package var bytes: Int64?
    package var sha256: String?
    /// By name, for full snapshots; the one of any other is called "".
    package var collections: [String: Collection]
    /// Of a full snapshot: alias to collection.
    package var aliases: [String: String]?

    package init(bytes: Int64? = nil, sha256: String? = nil, collections: [String: Collection] = [:], aliases: [String: String]? = nil) {
        self.bytes = bytes
        self.sha256 = sha256
        self.collections = collections
        self.aliases = aliases
    }

    package init(bytes: Int64? = nil, sha256: String? = nil, collection: Collection) {
        self.init(bytes: bytes, sha256: sha256, collections: ["": collection])
    }
}

extension QdrantSnapshot {
    /// The snapshot against what is known of it, without `checks`.
    package func agrees(with expected: SnapshotExpectation) -> [CheckResult] {
        var checks: [CheckResult] = []
        if let size = expected.bytes { checks.append(CheckResult("snapshot", "bytes", expected: size, actual: bytes)) }
        if let hash = expected.sha256 { checks.append(checksum(hash)) }
        for (name, collection) in expected.collections.sorted(by: { $0.key < $1.key }) {
            let subject = name.isEmpty ? "collection" : "collection \(name)"
            guard let found = kind == .full ? collections.first(where: { $0.name == name }) : collections.first else {
                checks.append(CheckResult(subject, "in the snapshot", expected: "present", actual: "missing"))
                continue
            }
            checks += found.agrees(with: collection, subject)
        }
        if let names = expected.aliases {
            func list(_ aliases: [String: String]) -> String {
                aliases.isEmpty ? "none" : aliases.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
            }
            checks.append(CheckResult("snapshot", "aliases", expected: list(names), actual: list(aliases), compared: max(1, names.count)))
        }
        return checks
    }

    /// Compares as servers do: upper or lower case, spaces left out.
    package func checksum(_ expected: String) -> CheckResult {
        let wanted = expected.lowercased().filter { !$0.isWhitespace }
        guard let sha256 else {
            return .undetermined("snapshot", "SHA-256", expected: wanted, because: "the file was read in outline only")
        }
        return CheckResult("snapshot", "SHA-256", expected: wanted, actual: sha256)
    }
}

extension SnapshotCollection {
    fileprivate func agrees(with expected: SnapshotExpectation.Collection, _ subject: String) -> [CheckResult] {
        var checks: [CheckResult] = []
        if let wanted = expected.configuration { checks += compare(wanted, subject) }
        // One shard holds a part of the points.
        if let points = expected.points, configuration != nil {
            if let most = pointsAtMost {
                checks.append(
                    CheckResult(
                        subject, "points", expected: "\(points)", actual: "at most \(most)", verdict: most >= points ? .held : .differed,
                        tolerance: "not fewer"))
            } else {
                checks.append(.undetermined(subject, "points", expected: "\(points)", because: "their number cannot be read offline"))
            }
        }
        if let schema = expected.payloadSchema { checks += compare(indexes: schema, subject) }
        checks += compare(vectors: expected, subject)
        return checks
    }

    private static let sections = [
        "params", "hnsw_config", "optimizer_config", "wal_config", "quantization_config", "strict_mode_config", "metadata",
    ]

    private func compare(_ wanted: JSONValue, _ subject: String) -> [CheckResult] {
        guard let configuration else {
            guard let wanted = try? CollectionConfiguration(wanted) else { return [] }
            return segments.flatMap { Self.checks(of: $0, against: wanted, "\(subject) segment \($0.id)") }
        }
        return Self.sections.map { section in
            let (expected, actual) = (wanted[section].comparable, configuration.json[section].comparable)
            let (first, second) = Excerpt.of(expected.text(), actual.text())
            return CheckResult(subject, section, expected: first, actual: second, verdict: expected == actual ? .held : .differed)
        }
    }

    /// The registered ones and those in the data together: the server's answer is made from the data.
    private func compare(indexes schema: JSONValue, _ subject: String) -> [CheckResult] {
        func type(_ json: JSONValue?) -> String {
            guard let json else { return "none" }
            return json.string ?? json["type"]?.string ?? json["data_type"]?.string ?? "unknown"
        }
        var found = payloadIndexes
        for segment in segments { found.merge(segment.payloadIndexes) { first, _ in first } }
        let wanted = schema.members ?? []
        var checks = wanted.map { member in
            CheckResult(subject, "payload index \(member.key.quoted)", expected: type(member.value), actual: type(found[member.key]))
        }
        let known = Set(wanted.map(\.key))
        for field in found.keys.sorted() where !known.contains(field) {
            checks.append(CheckResult(subject, "payload index \(field.quoted)", expected: "none", actual: type(found[field])))
        }
        return checks
    }

    private func compare(vectors expected: SnapshotExpectation.Collection, _ subject: String) -> [CheckResult] {
        var (sizes, distances): ([String: Int], [String: String]) = ([:], [:])
        for vector in configuration?.vectors ?? [] { (sizes[vector.name], distances[vector.name]) = (vector.size, vector.distance) }
        for (name, vector) in segments.first?.vectors ?? [:] where configuration == nil {
            (sizes[name], distances[name]) = (vector.size, vector.distance)
        }
        func named(_ name: String, _ what: String) -> String { name.isEmpty ? what : "\(what) of \(name.quoted)" }
        let bySize = (expected.sizes ?? [:]).sorted { $0.key < $1.key }.map { name, size in
            CheckResult(subject, named(name, "dimensions"), expected: "\(size)", actual: sizes[name].map(String.init) ?? "no such vector")
        }
        let byDistance = (expected.distances ?? [:]).sorted { $0.key < $1.key }.map { name, distance in
            CheckResult(subject, named(name, "distance"), expected: distance, actual: distances[name] ?? "no such vector")
        }
        return bySize + byDistance
    }
}

extension JSONValue? {
    fileprivate var comparable: JSONValue { self?.withoutNulls ?? .null }
}

extension JSONValue {
    /// Without what makes no difference: members that are null, their order, and whether a whole number has a point.
    var withoutNulls: JSONValue {
        switch self {
        case .object(let members):
            .object(
                members.filter { $0.value != .null }.map { Member($0.key, $0.value.withoutNulls) }.sorted { $0.key < $1.key })
        case .array(let items): .array(items.map(\.withoutNulls))
        case .double(let number): Int64(exactly: number).map { .int($0) } ?? self
        default: self
        }
    }
}
