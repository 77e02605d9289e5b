import Documents
import FoundationEssentials
import Outlets
import Recovery
import TestSupport
import Testing

/// What commands print with `--json` is what `lifeboat schema` says, by the judgement of somebody else's validator.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(5))) struct OutputSchemaTests {
    /// One line for each complaint: about an output, or about a broken one that was not refused.
    private static let validator = """
        import copy, json, sys, jsonschema
        given = json.load(sys.stdin)
        def errors(schema, document):
            return [f"{list(e.path)}: {e.message[:200]}" for e in jsonschema.Draft202012Validator(schema).iter_errors(document)]
        def objects(value):
            if isinstance(value, dict): yield value
            for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
                yield from objects(part)
        def is_free(value):
            return all(isinstance(part, (str, int)) for part in value.values())
        for schema in given["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        for output in given["outputs"]:
            words, document = output["words"], output["document"]
            schema = given["schemas"][document["schema"].removeprefix("lifeboat.").removesuffix("/1")]
            for error in errors(schema, document): print(f"{words}: {error}")
            broken = copy.deepcopy(document)
            del broken["schema"]
            if not errors(schema, broken): print(f"{words}: needs no 'schema'")
            for number, part in enumerate(objects(document)):
                if number and is_free(part): continue
                broken = copy.deepcopy(document)
                list(objects(broken))[number]["surplus"] = []
                if not errors(schema, broken): print(f"{words}: takes anything in {str(part)[:100]}")
        """

    private struct Output {
        let words: [String]
        let document: JSONValue
    }

    @Test func everyOutputObeysItsSchemaAndABrokenOneDoesNot() async throws {
        let site = try await TroubleSite.make()
        var outputs: [Output] = []
        func take(_ words: String...) async throws {
            let ended = try await site.lifeboat.run(words + ["--json"])
            let document = try #require(try? JSONValue(parsing: ended.output), "\(words): \(ended.output)\(ended.errors)")
            outputs.append(Output(words: words, document: document))
        }
        try site.write("broken.yaml", "runbook: broken\nsteps: []\n")
        try await take("check")
        try await take("backup", "nightly")
        let id = try await site.backUp()
        let set = String(id.dropLast("/app-db".count))
        try await take("plan", "rebuild.yaml", "--input", "database=\(site.database)")
        try await take("drill", "monthly.yaml", "monthly.yaml")
        try await take("check")
        try await take("plan", "rebuild.yaml", "--input", "database=\(site.database)")
        try site.configure("down.yaml", replacing: ":\(site.port)/", with: ":1/")
        try await take("plan", "rebuild.yaml", "--input", "database=\(site.database)", "--config", "down.yaml")
        try await take("doctor")
        try await take("doctor", "--config", "down.yaml")
        try await take("backups", "show", id)
        try await take("backups", "verify", id, "--deep")
        for verb in ["pin", "unpin"] { try await take("backups", verb, set) }
        try site.configure("keep.yaml", replacing: "    expect:", with: "    keep: {last: 1}\n    expect:")
        try await take("backups", "prune", "--dry-run", "--config", "keep.yaml")
        try await take("backups", "delete", set, "--force")
        try await take("backups", "list")
        try FileManager.default.createDirectory(
            atPath: "\(site.folder)/state/runs/20261120T020000Z-torn-4f1c9a", withIntermediateDirectories: true)
        try site.write("state/runs/20261120T020000Z-torn-4f1c9a/journal.jsonl", "torn\ntorn\n")
        try await take("abandon", "20261120T020000Z-torn-4f1c9a")
        try FileManager.default.createDirectory(
            atPath: "\(site.folder)/store/.lifeboat-work/\(Owner.dead.text)=x=0123456789ab", withIntermediateDirectories: true)
        try await take("sweep", "--dry-run")
        for words in [["lint"], ["lint", "broken.yaml", "rebuild.yaml", "gone.yaml"], ["backup", "weekly"], ["lint", "--nonsense"]] {
            let ended = try await site.lifeboat.run(words + ["--json"])
            outputs.append(Output(words: words, document: try JSONValue(parsing: ended.output)))
        }
        if TestDocker.missing == nil { try await take("images", "monthly.yaml") }
        try await TestSupport.write(SnapshotBytes().bytes, to: "\(site.folder)/docs.snapshot")
        try await TestSupport.write(Array("<html>".utf8), to: "\(site.folder)/page.snapshot")
        try await take("qdrant", "verify-snapshot", "docs.snapshot", "page.snapshot", "gone.snapshot", "--for-version", "1.18.3")
        for name in ["dump", "dumps", "dumps/one"] {
            try FileManager.default.createDirectory(atPath: "\(site.folder)/\(name)", withIntermediateDirectories: true)
        }
        for folder in ["dump", "dumps/one"] {
            try site.write("\(folder)/dump.json", #"{"database":"library","createdAt":"2026-11-01T02:00:00Z"}"#)
            try site.write(
                "\(folder)/c.structure.json", #"{"indexes":[{"type":"persistent","fields":["a"]}],"parameters":{"name":"c","type":2}}"#)
            try site.write("\(folder)/c.data.json", #"{"_key":"a"}"# + "\n")
            try site.write("\(folder)/v.view.json", #"{"name":"v","type":"arangosearch","links":{"gone":{}}}"#)
        }
        try site.write("dumps/one/ENCRYPTION", "aes-256-ctr")
        try await take("arangodb", "verify-dump", "dump", "dumps", "gone")
        try await take("reference")
        try await take("help")
        try await take("version")
        let kinds = outputs.compactMap { $0.document["schema"]?.string }
        let known = OutputSchema.allCases.filter { $0 != .images || TestDocker.missing == nil }
        #expect(Set(kinds) == Set(known.map(\.name)), "each is looked at, and each says which it is")

        var schemas: [JSONValue.Member] = []
        for kind in OutputSchema.allCases {
            let printed = try await site.lifeboat("schema", kind.rawValue)
            schemas.append(.init(kind.rawValue, try JSONValue(parsing: printed.output)))
        }
        let given = JSONValue.object([
            .init("schemas", .object(schemas)),
            .init(
                "outputs",
                .array(
                    outputs.map {
                        .object([.init("words", .string($0.words.joined(separator: " "))), .init("document", $0.document)])
                    })),
        ])
        let ended = try await Python.run(Self.validator, input: Array(given.text().utf8), needing: "jsonschema")
        #expect(ended.succeeded, "\(ended.errors)")
        #expect(ended.output == "")
        for ours in ["store/.lifeboat-work", "state/runs/20261120T020000Z-torn-4f1c9a"] {
            try FileManager.default.removeItem(atPath: "\(site.folder)/\(ours)")
        }
        try site.expectNothingLeft()
        try await site.remove()
    }
}
