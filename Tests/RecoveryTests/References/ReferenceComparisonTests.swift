import TestSupport
import Testing

@testable import Recovery

@Suite struct ReferenceComparisonTests {
    private func numbers(_ values: some Sequence<Int>) -> [IdentifierValue] { values.map { .identifier(.number(Int128($0))) } }

    private func compare(
        _ from: [IdentifierValue], _ kinds: Set<Identifier.Kind> = [.number], with to: [IdentifierValue],
        _ toKinds: Set<Identifier.Kind> = [.number, .uuid], sample: ReferenceComparison.Sample? = nil,
        nulls: ReferenceComparison.Nulls = .forbidden
    ) async throws -> (checks: [CheckResult], tally: ReferenceTally) {
        try await ReferenceComparison(
            from: ListedIdentifiers(from, kinds: kinds), to: ListedIdentifiers(to, kinds: toKinds), fromWords: "chunks.id on 'db'",
            toWords: "book_chunks on 'vectors'", sample: sample, nulls: nulls, say: { _ in }
        ).compare()
    }

    @Test func everythingThatIsReferredToIsThere() async throws {
        let (checks, tally) = try await compare(numbers([1, 2, 2, 3, 4, 5]), with: numbers(1...9))
        #expect(
            checks == [
                CheckResult(
                    "chunks.id on 'db'", "found in book_chunks on 'vectors'", expected: "6 found", actual: "6 found", verdict: .held,
                    compared: 6),
                CheckResult("chunks.id on 'db'", "NULLs", expected: "0", actual: "0", verdict: .held, compared: 6),
            ])
        #expect(tally.compared == 6)
    }

    @Test func eachReferenceToWhatIsMissingCountsAndTheMissingAreNamedOnce() async throws {
        let (checks, tally) = try await compare(numbers([17, 1, 17, 2, 17, 3, 100, 9]), with: numbers(1...3))
        #expect(checks[0].actual == "3 found; missing: 9, 17, 100 (5 in all)")
        #expect(checks[0].expected == "8 found")
        #expect(checks[0].verdict == .differed)
        #expect(checks[0].compared == 8)
        #expect(tally.missing == 5)
    }

    @Test func notMoreThanAFewAreNamed() async throws {
        let (checks, _) = try await compare(numbers((1...500).reversed()), with: numbers([0]))
        #expect(checks[0].actual == "0 found; missing: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 (500 in all)")
    }

    @Test func comparingNothingIsNoPass() async throws {
        let (checks, _) = try await compare([], with: numbers(1...3))
        #expect(
            checks == [
                .undetermined(
                    "chunks.id on 'db'", "found in book_chunks on 'vectors'", expected: "at least one identifier",
                    because: "nothing lies there: nothing was compared")
            ])
        let (nulls, _) = try await compare([.null, .null], with: numbers(1...3), nulls: .allowed)
        #expect(nulls.map(\.actual) == ["nothing but 2 NULLs lies there: nothing was compared"])
        #expect(nulls[0].isFinding)
    }

    @Test func nullsAreAFindingUnlessTheyAreAllowed() async throws {
        let values = numbers([1, 2]) + [.null]
        let (forbidden, _) = try await compare(values, with: numbers(1...3))
        #expect(forbidden.map(\.verdict) == [.held, .differed])
        #expect(forbidden[1].actual == "1")
        let (allowed, tally) = try await compare(values, with: numbers(1...3), nulls: .allowed)
        #expect(allowed.map(\.verdict) == [.held])
        #expect(allowed[0].compared == 2, "a NULL is no comparison")
        #expect(tally.nulls == 1)
    }

    @Test func kindsThatCanNeverMeetAreAMistake() async throws {
        let failure = await #expect(throws: Failure.self) {
            _ = try await compare(numbers([1]), with: [.identifier(.uuid(1))], [.uuid])
        }
        #expect(failure?.kind == .document)
        #expect(
            failure?.problem
                == "chunks.id on 'db' holds numbers, and book_chunks on 'vectors' holds UUIDs: none of the one can be among the other")
    }

    @Test func aValueOfAnotherKindIsAFindingOfItsOwn() async throws {
        let values: [IdentifierValue] = [.identifier(.text("1")), .identifier(.text("n/a")), .other("true")]
        let (checks, _) = try await compare(values, [.text], with: numbers([1]))
        #expect(checks[0].actual == "1 found; no number or UUID at all: 'n/a', 'true'")
        #expect(checks[0].expected == "3 found")
        #expect(checks[0].verdict == .differed)
    }

    @Test func aSampleLooksUpAsManyAsItSays() async throws {
        let (checks, tally) = try await compare(numbers(1...1000), with: numbers(1...1000), sample: .init(size: 50, seed: 7))
        #expect(checks[0].compared == 50)
        #expect(checks[0].tolerance == "sample of 50 by seed 7, out of 1000")
        #expect(checks[0].verdict == .held)
        #expect(tally.compared == 50)
    }

    @Test func aSampleFindsWhatIsGone() async throws {
        let (checks, _) = try await compare(numbers(1...1000), with: numbers(501...1000), sample: .init(size: 50, seed: 7))
        #expect(checks[0].verdict == .differed)
    }
}

@Suite struct IdentifierSampleTests {
    private func taken(_ values: some Sequence<Int>, _ size: Int, _ seed: UInt64) -> Set<Identifier> {
        var sample = IdentifierSample(size: size, seed: seed)
        for value in values { sample.offer(.number(Int128(value))) }
        return Set(sample.taken())
    }

    @Test func theOrderOfTheStoreDoesNotMatter() {
        #expect(taken(1...5000, 20, 1) == taken((1...5000).reversed(), 20, 1))
        #expect(taken(1...5000, 20, 1) != taken(1...5000, 20, 2))
        #expect(taken(1...5000, 20, 1).count == 20)
    }

    @Test func whatComesOftenIsTakenOnce() {
        let often = Array(repeating: 1, count: 10_000) + Array(2...10)
        #expect(taken(often, 10, 3) == Set((1...10).map { .number($0) }))
    }

    /// A thousand samples of a tenth: each of a hundred is in about a hundred of them.
    @Test func everyOneHasTheSameChance() {
        var counts: [Identifier: Int] = [:]
        for seed in 0..<1000 { for one in taken(1...100, 10, UInt64(seed)) { counts[one, default: 0] += 1 } }
        #expect(counts.count == 100)
        #expect(counts.values.allSatisfy { (50...160).contains($0) }, "\(counts.values.min() ?? 0) to \(counts.values.max() ?? 0)")
    }
}
