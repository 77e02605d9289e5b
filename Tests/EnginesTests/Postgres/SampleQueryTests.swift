import Bindings
import Recovery
import TestSupport
import Testing

@testable import Engines

struct Sample: Sendable, CustomTestStringConvertible {
    let sql: String
    let expectation: SampleQuery.Expectation
    let bind: [PostgresParameter]

    init(_ sql: String, _ expectation: SampleQuery.Expectation, bind: [PostgresParameter] = []) {
        self.sql = sql
        self.expectation = expectation
        self.bind = bind
    }

    var testDescription: String { "\(sql) \(expectation)" }
}

@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(1)))
struct SampleQueryTests {
    private static let backup = Timestamp("2026-11-20T02:00:00Z") ?? Timestamp(millisecondsSince1970: 0)

    private func judge(_ sample: Sample, limit: Duration = .seconds(20)) async throws -> CheckResult {
        let connection = try await PostgresConnection.connect(try await TestPostgres.shared().parameters)
        let server = InventoryItem(
            kind: "server", name: "postgres",
            facts: ["time in milliseconds": "\(Self.backup.millisecondsSince1970)", "timezone": "Europe/Berlin"])
        let context = SampleContext(
            inventory: [server], recoveryPoint: Timestamp(millisecondsSince1970: 0), now: Self.backup.advanced(bySeconds: 3600))
        let query = SQLSample(
            SampleQuery(name: "q", expectation: sample.expectation, limit: limit), sql: sample.sql, bind: sample.bind)
        let results = try await SampleQueries.run([query], on: connection, context)
        #expect(
            try await connection.query("SELECT pg_current_xact_id_if_assigned() IS NULL, now() = statement_timestamp()").rows == [
                ["t", "t"]
            ])
        await connection.close()
        return try #require(results.first)
    }

    @Test(arguments: [
        Sample("SELECT 9007199254740993", .equals(.value(.integer(9_007_199_254_740_993)))),
        Sample("SELECT 1.10::numeric", .equals(.value(.number("1.1")))),
        Sample("SELECT 0.1::float8", .equals(.value(.number("0.10")))),
        Sample("SELECT 0.1::float4", .equals(.value(.number("0.1")))),
        Sample("SELECT 0.1001::float8", .equals(.value(.number("0.1")), .plusMinus(0.001))),
        Sample("SELECT 101", .equals(.value(.integer(100)), .percent(1))),
        Sample("SELECT NULL::int", .equals(.value(.null))),
        Sample("SELECT true", .equals(.value(.flag(true)))),
        Sample("SELECT 'Bücher'", .equals(.value(.text("Bücher")))),
        Sample("SELECT '2026-11-20 03:00+01'::timestamptz", .equals(.value(.text("2026-11-20 02:00:00Z")))),
        Sample("SELECT '{\"a\": 1}'::jsonb", .equals(.value(.text("{\"a\":1}")))),
        Sample("SELECT ARRAY[1, 2]", .equals(.value(.text("{1, 2}")))),
        Sample("SELECT x FROM unnest(ARRAY[3, 17, NULL]) x", .equals(.list([.integer(3), .integer(17), .null]))),
        Sample("SELECT 1, 'a'", .equals(.list([.integer(1), .text("a")]))),
        Sample("SELECT * FROM (VALUES (1, 'a'), (2, NULL)) v", .equals(.rows([[.integer(1), .text("a")], [.integer(2), .null]]))),
        Sample("SELECT 1 WHERE false", .equals(.list([]))),
        Sample("SELECT $1::int + $2::numeric", .equals(.value(.number("3.5"))), bind: [1, "2.5"]),
        Sample(
            "SELECT $1::text IS NULL AND $2::bool AND $3::text = 'x'", .equals(.value(.flag(true))), bind: [nil, "true", "x"]),
        Sample(
            "SELECT array_length(string_to_array($1, ','), 1)", .equals(.value(.integer(384))),
            bind: [.text(SeededVector.text(dimensions: 384))]),
        Sample("SELECT '2026-11-20 00:30+00'::timestamptz", .within(.seconds(7200), of: .backup)),
        Sample("SELECT '2026-11-20 02:30'::timestamp", .within(.seconds(1800), of: .backup)),
        Sample("SELECT '2026-11-20'::date", .within(.seconds(3 * 3600), of: .backup)),
        Sample("SELECT '2026-11-20 03:59+00'::timestamptz", .within(.seconds(3600), of: .now)),
        Sample("SELECT 99999999999999999999999999999999999999.5", .atLeast("99999999999999999999999999999999999999.4")),
        Sample("SELECT -2", .atMost("-1.5")),
        Sample("SELECT 1e300::float8", .between("1", "1e301")),
        Sample("SELECT generate_series(1, 20000)", .rowCount(20000)),
        Sample("SELECT 'order 66'", .matches("^order [0-9]+$")),
        Sample("SELECT 1 UNION SELECT 2", .notEmpty),
    ])
    func anAnswerThatIsExpectedHolds(_ sample: Sample) async throws {
        let result = try await judge(sample)
        #expect(result.verdict == .held, "\(result)")
    }

    @Test(arguments: [
        Sample("SELECT 9007199254740992", .equals(.value(.integer(9_007_199_254_740_993)))),
        Sample("SELECT 1.100000000000000000001::numeric", .equals(.value(.number("1.1")))),
        Sample("SELECT 0.1002::float8", .equals(.value(.number("0.1")), .plusMinus(0.0001))),
        Sample("SELECT 'NaN'::float8", .equals(.value(.number("1")), .plusMinus(100))),
        Sample("SELECT NULL::int", .equals(.value(.integer(0)))),
        Sample("SELECT ''", .equals(.value(.null))),
        Sample("SELECT false", .equals(.value(.flag(true)))),
        Sample("SELECT 'a '", .equals(.value(.text("a")))),
        Sample("SELECT '2026-11-20 03:00+01'::timestamptz", .equals(.value(.text("2026-11-20 03:00:00Z")))),
        Sample("SELECT '{\"a\": 1}'::json", .equals(.value(.text("{\"a\":1}")))),
        Sample("SELECT x FROM unnest(ARRAY[3, 17]) x", .equals(.list([.integer(17), .integer(3)]))),
        Sample("SELECT x FROM unnest(ARRAY[3, 17]) x", .equals(.list([.integer(3)]))),
        Sample("SELECT 1 WHERE false", .equals(.value(.integer(1)))),
        Sample("SELECT 1 WHERE false", .equals(.value(.null))),
        Sample("SELECT '2026-11-19 23:59+00'::timestamptz", .within(.seconds(7200), of: .backup)),
        Sample("SELECT '2026-11-20 02:30'::timestamp", .within(.seconds(1799), of: .backup)),
        Sample("SELECT NULL::timestamptz", .within(.seconds(7200), of: .backup)),
        Sample("SELECT NULL::int", .atLeast("0")),
        Sample("SELECT 'NaN'::numeric", .atLeast("0")),
        Sample("SELECT 3", .between("4", "5")),
        Sample("SELECT 5.01", .between("4", "5")),
        Sample("SELECT generate_series(1, 20001)", .rowCount(20000)),
        Sample("SELECT 'disorder'", .matches("^order")),
        Sample("SELECT 1 WHERE false", .notEmpty),
    ])
    func anotherAnswerIsAFinding(_ sample: Sample) async throws {
        let result = try await judge(sample)
        #expect(result.verdict == .differed, "\(result)")
    }

    @Test(arguments: [
        Sample("SELECT * FROM there_is_no_such_table", .notEmpty), Sample("CREATE TABLE public.no (a int)", .notEmpty),
        Sample("SELECT 'soon'", .within(.seconds(1), of: .backup)),
        Sample("SELECT 'infinity'::timestamptz", .within(.seconds(1), of: .backup)),
        Sample("SELECT 'x'", .matches("(")), Sample("SELECT 1", .atLeast("many")),
    ])
    func whatCannotBeAnsweredIsUndetermined(_ sample: Sample) async throws {
        let result = try await judge(sample)
        #expect(result.verdict == .undetermined, "\(result)")
    }

    @Test func aQueryThatTakesTooLongIsUndeterminedAndSaysSo() async throws {
        let result = try await judge(Sample("SELECT pg_sleep(30)", .notEmpty), limit: .milliseconds(100))
        #expect(
            result
                == .undetermined(
                    "query q", "rows", expected: "at least one row",
                    because: "no answer within 0.1 seconds; the query was stopped on the server (57014)"))
    }

    @Test func aFindingShowsBothAnswers() async throws {
        let list = try await judge(Sample("SELECT x FROM unnest(ARRAY[3, NULL]) x", .equals(.list([.integer(3), .integer(17)]))))
        #expect(list == CheckResult("query q", "answer", expected: "[3, 17]", actual: "[3, NULL]", verdict: .differed, compared: 2))
        let late = try await judge(Sample("SELECT '2026-11-19 22:00+00'::timestamptz", .within(.seconds(7200), of: .backup)))
        #expect(
            late
                == CheckResult(
                    "query q", "time", expected: "within 2h of the backup (2026-11-20T02:00:00.000Z)",
                    actual: "2026-11-19T22:00:00.000Z (4h before)",
                    verdict: .differed, tolerance: "within 2h"))
    }
}

struct SeededVectorTests {
    /// Runbooks hold answers to queries with this vector: it must never change.
    @Test func theSameSeedGivesTheSameUnitVectorForever() throws {
        #expect(SeededVector.text(dimensions: 3) == "[0.124315,0.459038,0.879676]")
        #expect(SeededVector.text(dimensions: 3, seed: 2) != SeededVector.text(dimensions: 3))
        let parts = SeededVector.text(dimensions: 384).dropFirst().dropLast().split(separator: ",").compactMap { Double($0) }
        #expect(parts.count == 384)
        #expect(abs(parts.reduce(0) { $0 + $1 * $1 } - 1) < 0.0001)
    }
}

struct ExactNumberTests {
    @Test(arguments: [
        ("1", "2"), ("-2", "-1"), ("-1", "0.0000000000000000000001"), ("9.99", "10"), ("1e-7", "1e-6"),
        ("12345678901234567890.1", "12345678901234567890.11"),
        ("-1e300", "1"), ("0.5", "5e0"),
    ])
    func theSmallerOneIsSmaller(_ a: String, _ b: String) throws {
        let (a, b) = (try #require(ExactNumber(a)), try #require(ExactNumber(b)))
        #expect(a < b && !(b < a) && a != b)
    }

    @Test(arguments: [("1.0", "1"), ("-0", "0.00"), ("007", "7"), ("1e3", "1000.0"), ("1.25e-2", "0.0125"), (".5", "0.5")])
    func differentWritingsOfOneNumberAreEqual(_ a: String, _ b: String) throws {
        #expect(try #require(ExactNumber(a)) == #require(ExactNumber(b)))
    }

    @Test(arguments: ["", ".", "-", "NaN", "Infinity", "1,000", "0x1", "1e", "1e99999999", " 1", "1 "])
    func whatIsNoNumberIsRefused(_ text: String) {
        #expect(ExactNumber(text) == nil)
    }
}
