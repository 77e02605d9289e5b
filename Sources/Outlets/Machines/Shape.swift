import Documents
import Recovery

/// Parts of what commands print, as schemas.
enum Shape {
    /// Closed, with all of `required`.
    static func object(_ required: [(String, JSONSchema)], optional: [(String, JSONSchema)] = []) -> JSONSchema {
        .object((required + optional).map { (key: $0.0, schema: $0.1) }, required: required.map(\.0))
    }

    static func texts(_ required: [String], optional: [String] = []) -> JSONSchema {
        object(required.map { ($0, .string()) }, optional: optional.map { ($0, .string()) })
    }

    private static func orNull(_ schema: JSONSchema) -> JSONSchema { .anyOf([schema, .null]) }

    static let time = JSONSchema.reference("#/$defs/time")
    static let failure = JSONSchema.reference("#/$defs/failure")
    static let count = JSONSchema.reference("#/$defs/count")
    private static let seconds = JSONSchema.reference("#/$defs/seconds")
    private static let effects = JSONSchema.array(of: .reference("#/$defs/effect"))
    private static let words = JSONSchema.array(of: .string())
    private static let totals = JSONSchema.map(to: count)

    // MARK: - check

    static let checkState = JSONSchema.choice(of: CheckState.allCases.map(\.rawValue))

    static let checkItem = object([
        ("policy", .string()), ("target", .string()), ("state", checkState), ("backup", orNull(.string())), ("recoveryPoint", orNull(time)),
        ("ageSeconds", orNull(.number)), ("maxAgeSeconds", orNull(seconds)), ("bytes", orNull(count)), ("minBytes", orNull(count)),
        ("likelyBytesFrom", orNull(.integer())), ("likelyBytesTo", orNull(.integer())), ("sets", orNull(count)), ("provenAt", orNull(time)),
        ("provenAgeSeconds", orNull(.number)), ("provenWithinSeconds", orNull(seconds)),
        (
            "findings",
            .array(
                of: object([
                    ("state", checkState), ("about", .choice(of: CheckFinding.Subject.allCases.map(\.rawValue))), ("words", .string()),
                ]))
        ),
    ])

    // MARK: - plan

    static let expectation = object([("lastSeconds", seconds), ("medianSeconds", seconds), ("runs", .integer(1...Int(Int32.max)))])

    static let plan: [(String, JSONSchema)] = [
        (
            "runbook",
            object(
                [
                    ("name", .string()), ("title", .string()), ("path", .string()), ("sha256", .string()), ("version", .integer()),
                    ("contacts", .array(of: texts(["name"], optional: ["phone", "mail"]))),
                ], optional: [("owner", .string()), ("reviewed", .string())])
        ),
        ("madeAt", time),
        (
            "targets",
            .array(
                of: texts(["role", "name", "engine", "address"], optional: ["stage", "system", "unreachable", "guarded"]))
        ),
        ("apps", .map(to: .string())), ("containers", .map(to: .string())), ("inputs", .map(to: .string())),
        ("backups", .array(of: plannedBackup)),
        (
            "parts",
            .array(
                of: object([
                    ("kind", .choice(of: RunResult.Part.Kind.allCases.map(\.rawValue))), ("title", .string()),
                    ("steps", .array(of: plannedStep)),
                ]))
        ),
        ("missing", words),
        ("confirmations", .array(of: object([("target", .string()), ("because", .string()), ("effects", effects)]))), ("unproven", words),
    ]

    private static let plannedBackup = object(
        [
            ("role", .string()), ("id", .string()), ("engine", .string()), ("engineVersion", .string()), ("recoveryPoint", time),
            ("ageSeconds", .number), ("bytes", count), ("totals", totals), ("chosen", .string()),
        ], optional: [("proof", object([("at", time), ("words", .string())], optional: [("run", .string())]))])

    private static let plannedStep = object(
        [("path", .string()), ("name", .string()), ("kind", .string()), ("effects", effects), ("needsPerson", .boolean)],
        optional: [("unknown", .string()), ("skipped", .string()), ("duration", expectation)])

    // MARK: - backups

    static let listedBackup = object(
        [("id", .string()), ("usable", .boolean)],
        optional: [("recoveryPoint", time), ("bytes", count), ("reason", .string()), ("provenAt", time)])

    static let recoverySet = object([
        ("id", .string()), ("targets", words), ("recoveryPoint", time), ("spreadSeconds", seconds), ("complete", .boolean),
    ])

    static let manifest = object(
        [
            ("format", .integer(1...Manifest.currentFormat)), ("id", .string()), ("engine", .string()), ("engineVersion", .string()),
            ("standIn", .boolean), ("lifeboatVersion", .string()), ("host", .string()), ("startedAt", time), ("finishedAt", time),
            ("recoveryPoint", time), ("complete", .boolean), ("problems", words),
            ("source", texts(["engine", "address"], optional: ["system", "database"])), ("artifacts", .array(of: artifact)),
            ("inventory", .string()), ("totals", totals),
        ],
        optional: [
            ("runbook", texts(["name", "sha256", "text"])), ("checksum", .string()),
            ("failed", .array(of: texts(["kind", "name", "because"]))),
        ])

    private static let artifact = object(
        [("key", .string()), ("content", stored), ("stored", stored), ("encodings", words)], optional: [("owner", .string())])

    private static let stored = object([("bytes", count), ("sha256", .string(pattern: "^[0-9a-f]{64}$"))])

    static let pruneReport = object([
        ("policy", .string()), ("store", .string()), ("dryRun", .boolean),
        (
            "rows",
            .array(
                of: object(
                    [
                        ("set", .string()), ("action", .choice(of: PruneReport.Action.allCases.map(\.rawValue))), ("keptBecause", words),
                    ], optional: [("goesBecause", .string()), ("bytes", count), ("problem", .string())]))
        ),
    ])

    // MARK: - The machine

    static let finding = object(
        [("state", .choice(of: ["well", "missing", "remark"])), ("what", .string()), ("words", .string())], optional: [("hint", .string())])

    static let image = object(
        [("image", .string()), ("servers", words), ("isThere", .boolean)],
        optional: [("id", .string()), ("digest", .string()), ("bytes", count)])

    static let leftover = object([("kind", .string()), ("name", .string()), ("removed", .boolean)], optional: [("run", .string())])

    // MARK: - Documents and commands

    static let mistake = object(
        [
            ("line", .integer(1...Int(Int32.max))), ("column", .integer(1...Int(Int32.max))),
            ("severity", .choice(of: ["error", "warning"])), ("problem", .string()),
        ], optional: [("file", .string()), ("hint", .string())])

    static let lintedFile = object(
        [("file", .string()), ("mistakes", .array(of: mistake)), ("troubles", .array(of: failure))],
        optional: [("kind", .choice(of: ["runbook", "drill", "configuration"]))])

    static let command = object([
        ("command", .string()), ("usage", .string()), ("summary", .string()), ("options", .array(of: texts(["words", "meaning"]))),
    ])
}
