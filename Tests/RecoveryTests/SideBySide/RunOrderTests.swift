import Documents
import Recovery
import TestSupport
import Testing

/// Which runs of a drill wait for which, by what is written in it.
@Suite struct RunOrderTests {
    private static let environment = """
        drill: monthly
        environment:
          one: {engine: memory}
          two: {engine: memory}
          shop: {app: {command: [shop], uses: one}}
          kiosk: {app: {command: [kiosk]}}
          engine: {app: {server: two}}
        runs:

        """

    private func run(_ runbook: String, on server: String, _ rest: String = "") -> String {
        "  - {runbook: \(runbook).yaml, targets: {db: \(server)}, backups: {dump: {policy: nightly, target: app-db}}\(rest)}\n"
    }

    private func drill(_ runs: String) throws -> Drill {
        func runbook(_ name: String) -> String {
            MemoryWorld.runbook.replacing("runbook: rebuild", with: "runbook: \(name)").replacing("steps:\n", with: "apps: [app]\nsteps:\n")
        }
        return try MemoryWorld().drill(
            runbook: "", others: ["a.yaml": runbook("a"), "b.yaml": runbook("b"), "c.yaml": runbook("c")], drill: Self.environment + runs)
    }

    private func waits(_ runs: String...) throws -> [[Int]]? { RunOrder(try drill(runs.joined())).waitsFor }

    private static let none = ", apps: {app: {not_drilled: it runs elsewhere}}"

    @Test func whatSharesNothingWaitsForNothing() throws {
        #expect(try waits(run("a", on: "one", Self.none), run("b", on: "two", Self.none)) == [[], []])
        #expect(try waits(run("a", on: "one", ", apps: {app: shop}"), run("b", on: "two", ", apps: {app: kiosk}")) == [[], []])
    }

    @Test func whatSharesAServerGoesInTheOrderWritten() throws {
        #expect(
            try waits(run("a", on: "one", Self.none), run("b", on: "two", Self.none), run("c", on: "one", Self.none)) == [[], [], [0]])
    }

    @Test func whatSharesAnApplicationGoesInTheOrderWritten() throws {
        #expect(try waits(run("a", on: "one", ", apps: {app: kiosk}"), run("b", on: "two", ", apps: {app: kiosk}")) == [[], [0]])
    }

    /// Whether it gets healthy hangs on what the other run restores.
    @Test func anApplicationStandsForTheServerThatItUses() throws {
        #expect(try waits(run("a", on: "one", Self.none), run("b", on: "two", ", apps: {app: shop}")) == [[], [0]])
    }

    @Test func aServerThatIsStoppedAsAnApplicationIsThatServer() throws {
        #expect(try waits(run("a", on: "two", Self.none), run("b", on: "one", ", apps: {app: engine}")) == [[], [0]])
    }

    @Test func whatIsNamedIsWaitedFor() throws {
        #expect(
            try waits(
                run("a", on: "one", Self.none), run("a", on: "one", Self.none), run("b", on: "two", Self.none + ", after: [a]"),
            ) == [[], [0], [0, 1]], "every run of that runbook")
    }

    @Test func asWrittenAndASingleRunWaitForAllAbove() throws {
        #expect(try waits(run("a", on: "one", Self.none)) == nil)
        #expect(try waits(run("a", on: "one", Self.none), run("b", on: "two", Self.none), "order: as-written\n") == nil)
    }

    private func problems(_ runs: String...) -> [String] {
        do {
            _ = try drill(runs.joined())
            return []
        } catch let invalid as InvalidDocument {
            return invalid.diagnostics.map { "\($0.line):\($0.column): \($0.problem)\($0.hint.map { " (\($0))" } ?? "")" }
        } catch {
            return ["\(error)"]
        }
    }

    @Test func whatCannotBeWaitedForIsAMistakeOfTheDocument() throws {
        let first = run("a", on: "one", Self.none)
        func second(_ after: String) -> String { run("b", on: "two", Self.none + ", after: \(after)") }
        let text = second("b")
        let place = try #require(text.firstRange(of: "after: "))
        let column = text.distance(from: text.startIndex, to: place.upperBound)
        #expect(problems(first, second("b")) == ["10:\(column + 1): the run of b cannot wait for itself"])
        #expect(
            problems(first, second("c"), run("c", on: "one", Self.none))
                == ["10:\(column + 1): the run of c stands below this one (a run waits for runs above it: put that one first)"])
        #expect(problems(first, second("[a, d]")) == ["10:\(column + 5): no run above has the runbook d (above are a)"])
        #expect(
            problems(run("a", on: "one", Self.none + ", after: x"), second("a"))
                == ["9:\(column + 1): no run above has the runbook x"])
        #expect(
            problems(first, second("[a, 1]")).count == 1, "what is no name is told once")
    }
}
