import Testing

@testable import Engines

@Suite struct SQLScriptTests {
    private func texts(_ sql: String) -> [String] { SQLScript(sql).statements.map(\.text) }

    @Test func statementsEndAtSemicolons() {
        #expect(texts("SELECT 1; SELECT 2 ;\n\n SELECT 3") == ["SELECT 1", "SELECT 2", "SELECT 3"])
        #expect(texts(" ; ;; ") == [])
        #expect(texts("") == [])
    }

    @Test(arguments: [
        "SELECT ';'", "SELECT 'it''s; '", #"SELECT E'a\';b'"#, #"SELECT "a;""b;""#, "SELECT $$a;b$$", "SELECT $x$ $$;$$ ; $x$",
        "SELECT (1; 2)", "SELECT 1 /* ; /* nested ; */ ; */ + 1", "SELECT 1 -- not; here\n + 1", "SELECT $1; ".dropLastTwo, "SELECT a$b$c",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
    ])
    func aSemicolonInsideSomethingEndsNothing(sql: String) {
        #expect(texts(sql + "; SELECT 'next'") == [sql, "SELECT 'next'"])
    }

    @Test func aTransactionsBeginAndEndAreStatements() {
        #expect(texts("BEGIN; UPDATE a SET b = 1; END; SELECT 1") == ["BEGIN", "UPDATE a SET b = 1", "END", "SELECT 1"])
    }

    @Test func whatIsNeverClosedGoesToTheEnd() {
        #expect(texts("SELECT 'open; SELECT 2") == ["SELECT 'open; SELECT 2"])
        #expect(texts("SELECT $$open; SELECT 2") == ["SELECT $$open; SELECT 2"])
        #expect(texts("SELECT 1 /* open; SELECT 2") == ["SELECT 1 /* open; SELECT 2"])
        #expect(texts("SELECT E'\\").count == 1)
    }

    @Test func aStatementKnowsWhereItBeginsAndWhereItsCharactersAre() throws {
        let script = SQLScript("-- first\nSELECT 1;\n\n  SELECT\n  ö, wrong")
        let second = try #require(script.statements.last)
        #expect((second.line, second.column) == (4, 3))
        #expect(second.place(of: 1) == (4, 3))
        // As PostgreSQL counts: characters, not bytes.
        #expect(second.place(of: 13) == (5, 6))
    }
}

extension String {
    fileprivate var dropLastTwo: String { String(dropLast(2)) }
}
