import Bindings
import TestSupport
import Testing

@testable import Documents

/// The printed schema against an independent validator: what our reader takes it takes, and what is wrong in a way that a schema can
/// express it refuses.
@Suite(.timeLimit(.minutes(1))) struct SchemaTests {
    private static let good = [
        "sample: nightly", "{sample: a, title: 16, engine: qdrant, jobs: 64, ratio: 0, deep: true, timeout: 1h30min, within: 2y5m7d3h}",
        "{sample: a, min_size: 1.5GiB, size_change: 50%, reviewed: 2026-11-01, at: '2026-11-01T12:00:00Z'}", "{sample: a, min_size: 1000}",
        "{sample: a, targets: b}", "{sample: a, targets: [b, c]}", "{sample: a, inputs: {database: {type: text, default: x}, n: integer}}",
        "{sample: a, healthy: library}", "{sample: a, healthy: {http: /, status: 200}}", "{sample: a, healthy: {command: [x]}}",
        "{sample: a, password: {env: X}}", "{sample: a, password: {file: /run/x}}", "{sample: a, password: {command: [pass, x]}}",
        "{sample: a, bind: [1, {vector: 384}, null]}", "{sample: a, rest: {days: 1, user: b, group: c}}",
        "{sample: a, timeout: '${input.limit}', jobs: '${input.jobs}'}",
        "{sample: a, url: 'http://${input.database}/'}",
    ]
    private static let bad = [
        "{}", "[]", "{sample: 'a b'}", "{sample: '${input.database}'}", "{sample: a, colour: blue}", "{sample: a, engine: mysql}",
        "{sample: a, jobs: 65}",
        "{sample: a, jobs: '2'}", "{sample: a, ratio: 2}", "{sample: a, deep: 'yes'}", "{sample: a, timeout: 10m}",
        "{sample: a, timeout: ''}",
        "{sample: a, within: 90min}", "{sample: a, min_size: 1gb}", "{sample: a, size_change: 50}", "{sample: a, reviewed: 1.11.2026}",
        "{sample: a, at: 2026-11-01}",
        "{sample: a, targets: {b: c}}", "{sample: a, inputs: {'a b': text}}", "{sample: a, inputs: {a: date}}",
        "{sample: a, healthy: {http: /, command: [x]}}",
        "{sample: a, healthy: {command: []}}", "{sample: a, password: hunter2}", "{sample: a, password: {env: 'hunter2!'}}",
        "{sample: a, password: {env: X, file: y}}",
        "{sample: a, bind: 3}", "{sample: a, rest: {}}", "{sample: a, rest: {days: 1, weeks: 1}}", "{sample: a, rest: {days: 1, user: b}}",
        "{sample: a, timeout: 'in ${input.limit}'}", "{sample: a, healthy: {command: '${input.database}'}}",
    ]
    private static let reading = Reading(namespaces: ["input"]) { _, name in
        .value(["database": "orders", "limit": "2h", "jobs": "3"][name, default: ""])
    }

    @Test func theReaderAndTheSchemaAgree() async throws {
        for text in Self.good { #expect(complaints(about: text, as: SampleDocument.self, Self.reading) == nil, "\(text)") }
        for text in Self.bad { #expect(complaints(about: text, as: SampleDocument.self, Self.reading) != nil, "\(text)") }

        let schema = SampleDocument.schema(expanding: true).document(id: "https://example.org/sample.json", title: "Sample")
        let documents = try (Self.good + Self.bad).map { try Document($0, name: "x.yaml").root.json }
        let input: JSONValue = ["schema": schema, "documents": .array(documents)]
        let program = """
            import json, sys
            from jsonschema import Draft202012Validator
            given = json.load(sys.stdin)
            Draft202012Validator.check_schema(given["schema"])
            validator = Draft202012Validator(given["schema"])
            print(json.dumps([validator.is_valid(document) for document in given["documents"]]))
            """
        let output = try await Python.run(program, input: Array(input.text().utf8), needing: "jsonschema").output
        let verdicts = try JSONValue(parsing: output).array?.map(\.bool)
        try #require(verdicts?.count == Self.good.count + Self.bad.count)
        for (text, verdict) in zip(Self.good, verdicts ?? []) { #expect(verdict == true, "\(text)") }
        for (text, verdict) in zip(Self.bad, (verdicts ?? []).dropFirst(Self.good.count)) { #expect(verdict == false, "\(text)") }
    }

    @Test func theSchemaIsStable() {
        #expect(
            DropDatabase.schema(expanding: true).document(id: "https://example.org/drop.json", title: "Drop").text(.prettySorted) == #"""
                {
                  "$id": "https://example.org/drop.json",
                  "$schema": "https://json-schema.org/draft/2020-12/schema",
                  "additionalProperties": false,
                  "properties": {
                    "database": {
                      "description": "name of the database to drop",
                      "minLength": 1,
                      "type": [
                        "string",
                        "number",
                        "boolean"
                      ]
                    },
                    "refill": {
                      "description": "role of the backup that fills it again",
                      "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$",
                      "type": [
                        "string",
                        "number",
                        "boolean"
                      ]
                    },
                    "timeout": {
                      "anyOf": [
                        {
                          "pattern": "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+min)?([0-9]+s)?$",
                          "type": "string"
                        },
                        {
                          "pattern": "^\\$\\{[A-Za-z][A-Za-z0-9_-]*\\.[A-Za-z0-9_][A-Za-z0-9_.-]*\\}$",
                          "type": "string"
                        }
                      ],
                      "default": "1min",
                      "description": "how long it may take"
                    }
                  },
                  "required": [
                    "database"
                  ],
                  "title": "Drop",
                  "type": "object"
                }
                """#)
    }
}
