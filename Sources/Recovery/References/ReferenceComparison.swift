/// Holds the identifiers of one place against another: every one of them exists there, or a sample of them does.
struct ReferenceComparison: Sendable {
    /// How many, and by which seed they are chosen; nil: all of them.
    struct Sample: Sendable, Equatable {
        let size: Int
        let seed: UInt64
    }

    enum Nulls: Sendable { case allowed, forbidden }

    let from: any Identifiers
    let to: any Identifiers
    /// `library.catalogue.chunks.id on 'db'`.
    let fromWords: String
    let toWords: String
    let sample: Sample?
    let nulls: Nulls
    let say: @Sendable (String) -> Void

    /// How many are looked up in one question.
    static let batch = 4_000
    /// How many that are missing are named.
    static let named = 10
    /// After how many that was read something is said of it.
    private static let stretch: Int64 = 1_000_000

    /// Throws `Failure(.document)` when nothing of the one place can be found in the other.
    func compare() async throws -> (checks: [CheckResult], tally: ReferenceTally) {
        guard Identifier.areComparable(from.kinds, to.kinds) else {
            throw Failure(
                .document,
                "\(fromWords) holds \(Self.words(from.kinds)), and \(toWords) holds \(Self.words(to.kinds)): none of the one can be among the other",
                hint: "name the places that belong together in `from:` and `to:`")
        }
        let counting = ReferenceCounting(kinds: to.kinds, sample: sample)
        try await from.all { values in
            try Task.checkCancellation()
            let toLookUp = await counting.take(values)
            try await lookUp(toLookUp, counting)
            if let read = await counting.passed(Self.stretch) { say("\(read) identifiers of \(fromWords) read") }
        }
        let chosen = await counting.chosen()
        for start in stride(from: 0, to: chosen.count, by: Self.batch) {
            try Task.checkCancellation()
            try await lookUp(
                Dictionary(chosen[start..<min(start + Self.batch, chosen.count)].map { ($0, 1) }) { first, _ in first }, counting)
        }
        let tally = await counting.tally
        return (checks(tally), tally)
    }

    private func lookUp(_ identifiers: [Identifier: Int64], _ counting: ReferenceCounting) async throws {
        guard !identifiers.isEmpty else { return }
        let absent = try await to.absent(Array(identifiers.keys))
        await counting.note(identifiers, absent: absent)
    }

    // MARK: What came of it

    private func checks(_ tally: ReferenceTally) -> [CheckResult] {
        var checks: [CheckResult] = []
        let aspect = "found in \(toWords)"
        if tally.compared == 0, tally.foreign == 0 {
            let empty = tally.nulls == 0 ? "nothing lies there" : "nothing but \(tally.nulls) NULLs lies there"
            checks.append(.undetermined(fromWords, aspect, expected: "at least one identifier", because: "\(empty): nothing was compared"))
        } else {
            checks.append(
                CheckResult(
                    fromWords, aspect, expected: "\(tally.compared + tally.foreign) found",
                    actual: (["\(tally.compared - tally.missing) found"] + missing(tally)).joined(separator: "; "),
                    verdict: tally.missing + tally.foreign == 0 ? .held : .differed, compared: Int(tally.compared + tally.foreign),
                    tolerance: sample.map { "sample of \($0.size) by seed \($0.seed), out of \(tally.identifiers)" }))
        }
        if nulls == .forbidden, tally.read > 0 {
            checks.append(
                CheckResult(
                    fromWords, "NULLs", expected: "0", actual: "\(tally.nulls)", verdict: tally.nulls == 0 ? .held : .differed,
                    compared: Int(tally.read)))
        }
        return checks
    }

    private func missing(_ tally: ReferenceTally) -> [String] {
        var words: [String] = []
        if tally.missing > 0 { words.append("missing: \(Self.named(tally.missingNamed, of: tally.missing))") }
        if tally.foreign > 0 {
            words.append(
                "no \(Self.words(to.kinds, joined: " or ")) at all: \(Self.named(tally.foreignNamed, of: tally.foreign))")
        }
        return words
    }

    private static func named(_ names: [String], of count: Int64) -> String {
        names.joined(separator: ", ") + (Int64(names.count) < count ? " (\(count) in all)" : "")
    }

    private static func words(_ kinds: Set<Identifier.Kind>, joined: String = " and ") -> String {
        let plural = joined == " and " ? "s" : ""
        return Identifier.Kind.allCases.filter(kinds.contains).map { ($0 == .uuid ? "UUID" : $0.rawValue) + plural }.joined(
            separator: joined)
    }
}

/// What was counted while references were compared.
struct ReferenceTally: Sendable, Equatable {
    /// Everything that lies in the first place, NULLs too.
    var read: Int64 = 0
    var nulls: Int64 = 0
    /// Looked up, or sorted out at once since nothing like them can be there.
    var compared: Int64 = 0
    var missing: Int64 = 0
    /// Of a kind that the second place cannot hold. In a sample all of them count: they need no looking up.
    var foreign: Int64 = 0
    var missingNamed: [String] = []
    var foreignNamed: [String] = []

    /// What could have been compared.
    var identifiers: Int64 { read - nulls }
}

/// Counts while the places are read.
private actor ReferenceCounting {
    private let kinds: Set<Identifier.Kind>
    private var sample: IdentifierSample?
    private(set) var tally = ReferenceTally()
    private var told: Int64 = 0

    init(kinds: Set<Identifier.Kind>, sample: ReferenceComparison.Sample?) {
        self.kinds = kinds
        self.sample = sample.map { IdentifierSample(size: $0.size, seed: $0.seed) }
    }

    /// Returns what is to be looked up now, each with how often it came.
    func take(_ values: [IdentifierValue]) -> [Identifier: Int64] {
        var found: [Identifier: Int64] = [:]
        for value in values {
            tally.read += 1
            switch value {
            case .null: tally.nulls += 1
            case .other(let text): noteForeign(text)
            case .identifier(let identifier):
                guard let form = identifier.form(in: kinds) else {
                    noteForeign(identifier.description)
                    continue
                }
                if sample != nil { sample?.offer(form) } else { found[form, default: 0] += 1 }
            }
        }
        return found
    }

    func chosen() -> [Identifier] { sample?.taken() ?? [] }

    func note(_ identifiers: [Identifier: Int64], absent: Set<Identifier>) {
        for (identifier, count) in identifiers {
            tally.compared += count
            if absent.contains(identifier) { tally.missing += count }
        }
        for identifier in absent { Self.add(identifier.description, to: &tally.missingNamed) }
    }

    /// How many were read, once in every stretch.
    func passed(_ stretch: Int64) -> Int64? {
        guard tally.read - told >= stretch else { return nil }
        told = tally.read
        return told
    }

    private func noteForeign(_ text: String) {
        tally.foreign += 1
        Self.add("'\(text.prefix(100))'", to: &tally.foreignNamed)
    }

    /// The first of them, in an order that does not depend on the store's.
    private static func add(_ name: String, to names: inout [String]) {
        guard !names.contains(name) else { return }
        names.append(name)
        names.sort { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        if names.count > ReferenceComparison.named { names.removeLast() }
    }
}
