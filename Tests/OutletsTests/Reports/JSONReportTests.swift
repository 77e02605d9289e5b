import Bindings
import Foundation
import Outlets
import Recovery
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct JSONReportTests {
    static let samples: [(String, RunResult)] = [
        ("passed", SampleResults.passed()), ("failed", SampleResults.failed()), ("broke", SampleResults.broke()),
        ("interrupted", SampleResults.interrupted()), ("rehearsal", SampleResults.rehearsal()), ("minimal", SampleResults.minimal()),
        ("passed over", SampleResults.passedOver()), ("large", SampleResults.large(differing: 7)), ("hostile", SampleResults.hostile()),
        ("apart", SampleResults.apart()),
    ]

    @Test(arguments: samples) func theReportObeysThePublishedSchema(name: String, result: RunResult) async throws {
        #expect(try await Self.complaints(about: JSONReport().render(result)) == [])
    }

    @Test(arguments: [
        ("\n  \"kind\" : \"drill\"", "\n  \"kind\" : \"test\"", "kind: 'test' is not one of ['drill', 'run']"),
        ("\"exitCode\" : 0", "\"exitCode\" : \"0\"", "exitCode: '0' is not of type 'integer'"),
        ("\"rehearsal\" : false", "\"rehersal\" : false", "$: 'rehearsal' is a required property"),
        (
            "\"rehearsal\" : false", "\"rehearsal\" : false, \"extra\" : 1",
            "$: Additional properties are not allowed ('extra' was unexpected)"
        ),
        (
            "\"standIn\" : false", "\"standIn\" : false, \"password\" : \"x\"",
            "environment.servers.0: Additional properties are not allowed ('password' was unexpected)"
        ),
        ("\"seconds\" : 14.2", "\"seconds\" : -1", "parts.1.phases.0.seconds: -1 is less than the minimum of 0"),
        (
            "\"word\" : \"passed\"", "\"word\" : \"broke\"",
            "outcome: {'word': 'broke'} is not valid under any of the given schemas"
        ),
    ])
    func aReportWithAMistakeIsRefused(right: String, wrong: String, complaint: String) async throws {
        let report = String(decoding: try JSONReport().render(SampleResults.passed()), as: UTF8.self)
        let broken = report.replacing(right, with: wrong, maxReplacements: 1)
        #expect(broken != report)
        #expect(try await Self.complaints(about: Array(broken.utf8)).contains(complaint))
    }

    @Test func everyObjectOfTheSchemaIsClosed() {
        let objects = ResultSchema.text.components(separatedBy: "\"type\": \"object\"").count - 1
        let closed = ResultSchema.text.components(separatedBy: "\"additionalProperties\": ").count - 1
        #expect(objects > 30)
        #expect(closed == objects)
    }

    @Test func theSchemaKnowsEveryWordOfTheDomain() throws {
        let schema = try JSONDecoder().decode(Schema.self, from: Data(ResultSchema.text.utf8))
        #expect(schema.id == ResultSchema.id)
        #expect(schema.definitions.failureKind.words == Failure.Kind.allCases.map(\.rawValue))
        #expect(schema.definitions.stepStatus.words == StepRecord.Status.allCases.map(\.rawValue))
        #expect(schema.definitions.phaseTimes.items.properties.phase.words == Phase.allCases.map(\.rawValue))
        #expect(schema.properties.passedOver.items.properties.kind.words == BackupFlaw.Kind.allCases.map(\.rawValue))
        #expect(schema.properties.schema.value == RunResult.currentSchema)
    }

    @Test func aReportReadsBackAsTheSameResult() throws {
        for (name, result) in Self.samples where name != "hostile" {
            let read = try JSONDecoder().decode(RunResult.self, from: Data(JSONReport().render(result)))
            #expect(read == result, "\(name)")
        }
    }

    @Test func hostileTextIsAllThereAndHidesNothing() throws {
        let report = try JSONReport().render(SampleResults.hostile())
        let text = String(decoding: report, as: UTF8.self)
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !$0.isInvisible })
        let read = try JSONDecoder().decode(Names.self, from: Data(report))
        #expect(read.name == SampleResults.hostileText)
    }

    @Test func keysAreSortedAndTheLastByteIsALineEnd() throws {
        let text = String(decoding: try JSONReport().render(SampleResults.minimal()), as: UTF8.self)
        let keys = text.split(separator: "\n").filter { $0.hasPrefix("  \"") }.compactMap { $0.split(separator: "\"").dropFirst().first }
        #expect(keys.count == 23)
        #expect(keys == keys.sorted())
        #expect(text.hasSuffix("}\n"))
    }

    /// What PyPI's `jsonschema` says about a document, one `path: message` a line.
    private static func complaints(about report: [UInt8]) async throws -> [String] {
        let script = """
            import json, sys, jsonschema
            schema = json.loads(sys.argv[1])
            jsonschema.Draft202012Validator.check_schema(schema)
            for error in jsonschema.Draft202012Validator(schema).iter_errors(json.load(sys.stdin)):
                print(".".join(map(str, error.path)) or "$", error.message, sep=": ")
            """
        let result = try await Python.run(script, [ResultSchema.text], input: report, needing: "jsonschema")
        #expect(result.succeeded, "\(result.errors)")
        return result.output.split(separator: "\n").map(String.init)
    }

    private struct Names: Decodable { let name: String }

    /// As much of the schema as is compared with the code.
    private struct Schema: Decodable {
        let id: String
        let definitions: Definitions
        let properties: Properties

        enum CodingKeys: String, CodingKey {
            case id = "$id"
            case definitions = "$defs"
            case properties
        }

        struct Definitions: Decodable {
            let failureKind: Words
            let stepStatus: Words
            let phaseTimes: PhaseTimes
        }

        struct PhaseTimes: Decodable { let items: Items }
        struct Items: Decodable { let properties: PhaseProperties }
        struct PhaseProperties: Decodable { let phase: Words }
        struct Properties: Decodable {
            let schema: Constant
            let passedOver: PassedOver
        }

        struct PassedOver: Decodable { let items: PassedOverItems }
        struct PassedOverItems: Decodable { let properties: PassedOverProperties }
        struct PassedOverProperties: Decodable { let kind: Words }

        struct Words: Decodable {
            let words: [String]
            enum CodingKeys: String, CodingKey { case words = "enum" }
        }

        struct Constant: Decodable {
            let value: String
            enum CodingKeys: String, CodingKey { case value = "const" }
        }
    }
}
