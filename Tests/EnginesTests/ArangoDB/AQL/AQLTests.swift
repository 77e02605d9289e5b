import Bindings
import Documents
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite struct AQLTests {
    @Test(arguments: [
        ("FOR d IN c RETURN d", nil), ("RETURN d.update", nil), ("RETURN \"REMOVE\"", nil), ("RETURN 'INSERT' // UPDATE", nil),
        ("/* REPLACE */ RETURN `REMOVE`", nil), ("RETURN @remove", nil), ("RETURN removed", nil), ("RETURN \"a\\\" REMOVE \"", nil),
        ("FOR d IN c remove d IN c", "REMOVE"), ("INSERT {} INTO c", "INSERT"), ("UPSERT {} INSERT {} UPDATE {} IN c", "UPSERT"),
        ("FOR d IN c/**/REPLACE d IN c", "REPLACE"), ("FOR d IN c UPDATE d WITH {} IN c", "UPDATE"),
    ])
    func aQueryThatWritesIsKnown(_ query: String, _ word: String?) { #expect(AQLText.writingWord(in: query) == word) }

    private func answer(_ rows: String...) -> ArangoRows {
        ArangoRows(rows: rows.map { Array($0.utf8) }, count: Int64(rows.count), writes: 0)
    }

    @Test func rowsThatAreListsHaveColumns() throws {
        let rows = try AQLRows.read(answer(#"[1,"a",null]"#, #"[2.5,true,{"b":1,"a":2}]"#))
        #expect(rows.columns == 3)
        #expect(rows.rows[0].map(\.text) == ["1", "a", nil])
        #expect(rows.rows[1].map(\.text) == ["2.5", "true", #"{"a":2,"b":1}"#])
        #expect(rows.rows[1].map(\.kind) == [.number, .flag, .other])
    }

    @Test func otherRowsAreValues() throws {
        #expect(try AQLRows.read(answer("18446744073709551615")).rows[0][0].text == "18446744073709551615")
        let uneven = try AQLRows.read(answer("[1]", "[1,2]"))
        #expect(uneven.columns == 1 && uneven.rows.map { $0[0].text } == ["[1]", "[1,2]"])
    }

    private func judge(_ yaml: String, _ rows: ArangoRows) async throws -> CheckResult {
        let document = try SampleQueryDocument<AQLSamples>(try YAMLNode.parse("{name: q, aql: RETURN 1, \(yaml)}"), .plain)
        let context = SampleContext(
            backup: Timestamp(millisecondsSince1970: 1_795_000_000_000), now: Timestamp(millisecondsSince1970: 1_795_000_000_000))
        return try await SampleJudgement(document.query, context, ArangoSampleReader()).judge(try AQLRows.read(rows))
    }

    @Test(arguments: [
        ("equals: 7", "7"), ("equals: 7", "7.0"), ("equals: 9007199254740993", "9007199254740993"), ("equals: \"7\"", "\"7\""),
        ("equals: true", "true"), ("equals: null", "null"), ("equals: 1.5, tolerance: 0.1", "1.55"), ("equals: [1, 2]", "[1,2]"),
        ("within: 1h of backup", "1795000000000"), ("within: 1h of backup", "1795000000"),
        ("within: 1h of backup", "\"2026-11-18T11:06:40.000Z\""),
        ("at_least: 3", "3"), ("matches: ^a", "\"abc\""),
    ])
    func whatIsExpectedHolds(_ yaml: String, _ row: String) async throws {
        #expect(try await judge(yaml, answer(row)).verdict == .held)
    }

    @Test(arguments: [
        ("equals: 9007199254740992", "9007199254740993"), ("equals: 7", "\"8\""), ("equals: true", "false"), ("equals: null", "0"),
        ("equals: [1, 2]", "[2,1]"), ("within: 1h of backup", "1794000000000"), ("at_least: 3", "2.9"),
        ("equals: 1.5, tolerance: 0.1", "1.7"),
    ])
    func whatIsNotDiffers(_ yaml: String, _ row: String) async throws {
        #expect(try await judge(yaml, answer(row)).verdict == .differed)
    }

    @Test func bindingsKeepTheirKind() throws {
        let bind = try AQLBindings(
            try YAMLNode.parse("{n: 1, s: \"1\", f: true, l: [1, a], o: {a: null}, \"@c\": books, v: {vector: 2}}"), .plain
        ).json
        #expect(bind["n"] == 1 && bind["s"] == "1" && bind["f"] == true && bind["l"] == [1, "a"])
        #expect(bind["o"] == ["a": nil] && bind["@c"] == "books" && bind["v"]?.array?.count == 2)
    }

    @Test func aSampleQueryThatWritesIsAMistake() {
        let yaml = "{database: d, against: b, queries: [{name: q, aql: 'REMOVE {_key: \"1\"} IN c', rows: 0}]}"
        let mistake = #expect(throws: InvalidDocument.self) { try step(ArangoVerifyStep.self, yaml) }
        #expect(mistake?.diagnostics.first?.problem == "sample query 'q' would write: it says REMOVE")
    }

    @Test func aQueryThatMayOnlyReadIsAMistakeWhenItWrites() {
        #expect(throws: InvalidDocument.self) { try step(AQLStep.self, "{database: d, aql: 'INSERT {} INTO c', read_only: true}") }
    }
}
