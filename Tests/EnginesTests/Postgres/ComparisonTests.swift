import Recovery
import Testing

@testable import Engines

struct ComparisonTests {
    private func compare(
        _ before: [InventoryItem], _ now: [InventoryItem], roles: Set<String> = ["ann", "bob"],
        _ options: VerificationOptions = VerificationOptions()
    ) -> PostgresVerification.Outcome {
        PostgresVerification.compare(before, with: now, liveRoles: roles, options: options)
    }

    private func item(_ kind: String, _ name: String, count: Int64? = nil, _ facts: [String: String] = [:]) -> InventoryItem {
        InventoryItem(kind: kind, name: name, count: count, facts: facts)
    }

    private func findings(_ outcome: PostgresVerification.Outcome) -> [String] {
        outcome.checks.filter(\.isFinding).map { "\($0.subject), \($0.aspect): \($0.actual), not \($0.expected)" }
    }

    @Test func whatHoldsIsSummedUpWithHonestNumbers() {
        let books = item("table", "public.books", count: 5, ["owner": "ann", "form": "ordinary"])
        let columns = [item("column", "public.books.a", ["on": "public.books", "type": "text"])]
        let outcome = compare([books] + columns, [books] + columns)
        #expect(
            outcome.checks == [
                CheckResult("table public.books", "rows", expected: 5, actual: 5),
                // That it is there, and its type.
                CheckResult(
                    "all of kind column", "definition", expected: "1 as in the backup", actual: "1 as in the backup", verdict: .held,
                    compared: 2),
                CheckResult(
                    "all of kind table", "definition", expected: "1 as in the backup", actual: "1 as in the backup", verdict: .held,
                    compared: 3),
            ])
    }

    @Test func comparingNothingIsNoComparison() {
        #expect(CheckTally(compare([], []).checks).compared == 0)
        #expect(CheckTally(compare([item("server", "postgres")], [item("server", "postgres")]).checks).compared == 0)
    }

    @Test func aMissingTableIsOneFindingWithoutItsColumnsAndIndexes() {
        let gone = [
            item("table", "public.books", count: 3, ["form": "ordinary"]), item("column", "public.books.a", ["on": "public.books"]),
            item("index", "public.i", ["on": "public.books", "valid": "yes"]),
            item("constraint", "c on public.books", ["on": "public.books"]),
        ]
        #expect(findings(compare(gone, [])) == ["table public.books, exists: missing, not present"])
        #expect(findings(compare([], gone)) == ["table public.books, exists: present, not absent"])
    }

    @Test func aTableThatCouldNotBeCountedIsUndeterminedAndNotHeld() {
        let outcome = compare([item("table", "public.t", count: 3)], [item("table", "public.t")])
        #expect(outcome.checks.first == .undetermined("table public.t", "rows", expected: "3", because: "not counted"))
    }

    @Test func aRoleThatIsMissingIsOneFindingAndExplainsWhatFollowsFromIt() {
        let before = [
            item("role", "carl"), item("role", "ann"), item("table", "public.a", ["owner": "carl", "grant to ann": "SELECT"]),
            item("table", "public.b", ["owner": "ann", "grant to carl": "SELECT", "grant to bob": "SELECT"]),
            item("setting", "role carl: work_mem", ["role": "carl", "value": "1MB"]), item("default privileges", "for carl on tables"),
        ]
        let now = [item("table", "public.a", ["owner": "bob"]), item("table", "public.b", ["owner": "ann"])]
        #expect(
            findings(compare(before, now)) == [
                "role carl, exists: missing, not present", "table public.b, grant to bob: none, not SELECT",
            ])
        let drilled = compare(before, now, VerificationOptions(missingRoles: .areNotExercised))
        #expect(findings(drilled) == ["table public.b, grant to bob: none, not SELECT"])
        #expect(drilled.notExercised.map(\.what) == ["role carl"])
    }

    @Test func whatADrillLeavesOutIsNotExercisedAndNoFinding() {
        let before = [
            item("subscription", "s"), item("user mapping", "for ann on far"), item("event trigger", "e"),
            item("comment", "event trigger e", ["text hash": "x"]), item("comment", "table public.t", ["text hash": "x"]),
        ]
        let outcome = compare(before, [], VerificationOptions(leftOut: VerificationOptions.leftOutOfDrills))
        #expect(findings(outcome) == ["comment table public.t, exists: missing, not present"])
        #expect(outcome.notExercised.map(\.what) == ["subscription s", "user mapping for ann on far", "event trigger e"])
    }

    @Test func aMaterialisedViewFilledAnewMayHaveWhatItsQueryGives() {
        let stale = item("materialized view", "public.m", count: 3, ["populated": "yes"])
        let fresh = item("materialized view", "public.m", count: 5, ["populated": "yes", "rows of its query": "5"])
        let wrong = item("materialized view", "public.m", count: 5, ["populated": "yes", "rows of its query": "6"])
        #expect(findings(compare([stale], [fresh])) == [])
        #expect(findings(compare([stale], [wrong])) == ["materialized view public.m, rows: 5, not 3"])
        let unfilled = item("materialized view", "public.m", ["populated": "no"])
        #expect(findings(compare([stale], [unfilled])) == ["materialized view public.m, populated: no, not yes"])
        let outcome = compare([stale], [unfilled], VerificationOptions(unfilled: ["public.m"]))
        #expect(findings(outcome) == [])
        #expect(outcome.notExercised == [NotExercised("rows of materialized view public.m", because: "the restore left it unfilled")])
    }

    @Test func anIndexThatWasInvalidNeedNotBeThere() {
        let invalid = item("index", "public.i", ["valid": "no", "on": "public.t"])
        let outcome = compare([invalid], [])
        #expect(findings(outcome) == [])
        #expect(outcome.notExercised.map(\.what) == ["index public.i"])
        #expect(findings(compare([invalid], [item("index", "public.i", ["valid": "yes", "on": "public.t"])])) == [])
    }

    @Test func whatIsIgnoredIsNeitherComparedNorReported() {
        let before = [item("table", "public.a", count: 1, ["owner": "ann"]), item("index", "public.tmp_1"), item("table", "public.tmp_2")]
        let now = [item("table", "public.a", count: 2, ["owner": "bob"]), item("index", "public.tmp_9")]
        #expect(
            findings(compare(before, now, VerificationOptions(ignore: ["* public.tmp_*", "table public.a: owner"]))) == [
                "table public.a, rows: 2, not 1"
            ])
    }

    @Test func theValueOfAnApplicationsOwnSettingIsNotShown() {
        let before = [item("setting", "app.key", ["value": "hush"])]
        let outcome = compare(before, [item("setting", "app.key", ["value": "other"])])
        #expect(findings(outcome) == ["setting app.key, value: another (not shown), not as in the backup (not shown)"])
    }

    @Test func longDefinitionsAreShownWhereTheyDiffer() {
        let long = String(repeating: "a, ", count: 200)
        let outcome = compare(
            [item("view", "public.v", ["definition": long + "b" + long])], [item("view", "public.v", ["definition": long + "c" + long])])
        let finding = outcome.checks.first { $0.isFinding }
        #expect(finding?.expected.hasPrefix("… ") == true)
        #expect(finding?.expected.contains("b") == true)
        #expect(finding?.actual.contains("c") == true)
        #expect(finding.map { $0.expected.count < 250 } == true)
    }

    @Test(arguments: [
        ("5", "yes", "5", "yes", "1", true), ("5", "yes", "6", "yes", "1", true), ("5", "yes", "4", "yes", "1", false),
        ("5", "yes", "5", "no", "1", false), ("5", "no", "5", "yes", "1", true), ("-5", "yes", "-6", "yes", "-1", true),
        ("-5", "yes", "-4", "yes", "-1", false), ("9223372036854775806", "yes", "9223372036854775807", "yes", "1", true),
    ])
    func aSequenceMayBeFurtherOnAndNotBehind(
        _ last: String, _ called: String, _ now: String, _ nowCalled: String, _ increment: String, _ holds: Bool
    ) {
        let before = item("sequence", "s", ["last value": last, "called": called, "increment": increment])
        let live = item("sequence", "s", ["last value": now, "called": nowCalled, "increment": increment])
        #expect((SequencePosition.check(before, live).verdict == .held) == holds)
    }

    @Test func betweenVersionsAViewMayNameItsTableBeforeAColumnOrNot() {
        let old = item("view", "public.v", ["definition": "SELECT b.id, 'b.id' AS x FROM public.books b"])
        let new = item("view", "public.v", ["definition": "SELECT id, 'b.id' AS x FROM public.books b"])
        let other = item("view", "public.v", ["definition": "SELECT id, 'id' AS x FROM public.books b"])
        let fifteen = item("server", "postgres", ["version number": "150020"])
        let sixteen = item("server", "postgres", ["version number": "160014"])
        #expect(findings(compare([fifteen, old], [sixteen, new])) == [])
        #expect(findings(compare([fifteen, old], [sixteen, other])).count == 1)
        #expect(findings(compare([sixteen, old], [sixteen, new])).count == 1)
    }
}
