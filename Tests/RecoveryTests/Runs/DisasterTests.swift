import Recovery
import TestSupport
import Testing

/// `--disaster-at`: what a run has lost is counted back from there.
@Suite(.timeLimit(.minutes(1))) struct DisasterTests {
    private func recover(_ world: MemoryWorld, at disaster: Timestamp?) async throws -> RunResult {
        var request = try world.request()
        request.disasterAt = disaster
        return try await world.run(request).conduct { _ in }.result
    }

    @Test func lossesAreCountedBackFromTheDisaster() async throws {
        let world = try await MemoryWorld.real()
        // The backup of this world is an hour old.
        let disaster = world.time.now.advanced(bySeconds: -1200)
        let result = try await recover(world, at: disaster)
        #expect(result.outcome == .passed, "\(result.failure?.problem ?? "")")
        #expect(result.objectives.referenceTime == disaster)
        #expect(result.objectives.rpoSeconds?.rounded() == 2400)
        #expect(result.objectives.restoredAgeSeconds?.rounded() == 2400)
        #expect(world.progress.warnings == [])
    }

    @Test func aRunThatIsTakenUpAgainKnowsOfTheDisaster() async throws {
        let world = try await MemoryWorld.real()
        let disaster = world.time.now.advanced(bySeconds: -1200)
        let runbook = MemoryWorld.realRunbook.replacing("  - name: Drop\n", with: "  - name: Wait\n    confirm: Go on?\n  - name: Drop\n")
        var request = try world.request(runbook)
        request.disasterAt = disaster
        #expect(try await world.run(request).conduct { _ in }.result.exitCode == 5)
        world.people.answers("yes")
        let result = try await world.resumed(runbook).result
        #expect(result.outcome == .passed)
        #expect(result.objectives.referenceTime == disaster)
        #expect(result.objectives.rpoSeconds?.rounded() == 2400)
    }

    @Test func aDisasterThatIsStillToComeIsRefusedBeforeAnything() async throws {
        let world = try await MemoryWorld.real()
        let future = world.time.now.advanced(bySeconds: 3600)
        let failure = await #expect(throws: Failure.self) { try await recover(world, at: future) }
        #expect(failure?.kind == .usage)
        #expect(failure?.problem == "--disaster-at \(future) lies in the future")
        #expect(failure.map { RunOutcome($0).exitCode(inDrill: false) } == 64)
        #expect(world.production.acts == [])
        #expect(world.apps.acts == [])
        #expect(try await world.folders.list().isEmpty)
    }

    /// Otherwise nothing would seem to be lost at all, and less than nothing in the report.
    @Test func aBackupOfAfterTheDisasterMakesNoLossSmaller() async throws {
        let world = try await MemoryWorld.real()
        let later = try await world.putBackup(ageSeconds: 60)
        let disaster = world.time.now.advanced(bySeconds: -1200)
        let result = try await recover(world, at: disaster)
        #expect(result.backups.map(\.id) == ["\(later)"])
        #expect(result.objectives.newestUsableBackup != "\(later)")
        #expect(result.objectives.rpoSeconds?.rounded() == 2400)
        #expect(
            world.progress.warnings == ["backup \(later) was taken after the disaster of \(disaster), and may hold what that has left"])
    }

    @Test func whenThereIsNoBackupOfBeforeTheLossIsNotKnown() async throws {
        let world = try await MemoryWorld.real()
        let result = try await recover(world, at: world.time.now.advanced(bySeconds: -7200))
        #expect(result.outcome == .passed)
        #expect(result.objectives.newestUsableBackup == nil)
        #expect(result.objectives.rpoSeconds == nil)
    }
}
