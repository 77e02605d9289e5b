import Recovery
import TestSupport
import Testing

/// A backup that cannot fill what would be destroyed is found out before anybody is asked and anything is stopped.
@Suite(.timeLimit(.minutes(1))) struct RefillOutlookTests {
    /// Nothing in it proves the backup.
    private static let runbook = MemoryWorld.realRunbook.replacing(
        "  - name: Prove\n    backup.verify: dump\n", with: "")

    private func expectNothingTouched(_ world: MemoryWorld) async throws {
        #expect(world.apps.acts == [])
        #expect(world.production.acts == [])
        #expect(world.people.asked == [])
        #expect(world.locks.held.isEmpty)
        #expect(try await world.folders.list().isEmpty)
    }

    @Test func anObjectThatTheBackupDoesNotHoldIsNamed() async throws {
        let world = try await MemoryWorld.real()
        world.production.somebody { $0["other"] = [7] }
        let runbook = Self.runbook.replacing(
            "memory.drop: {database: app", with: "memory.drop: {database: other")
        world.people.answers("app-db")
        let failure = await #expect(throws: Failure.self) {
            try await world.run(world.request(runbook, confirmed: [])).conduct { _ in }
        }
        #expect(failure?.kind == .unfit)
        #expect(failure?.kind.exitCode == 2)
        #expect(
            failure?.problem.hasSuffix(
                "/app-db does not hold database 'other', which the step would destroy") == true)
        try await expectNothingTouched(world)
    }

    @Test func whatIsAcceptedByNameNeedNotBeInIt() async throws {
        let world = try await MemoryWorld.real()
        world.production.somebody { $0["other"] = [7] }
        var request = try world.request(
            Self.runbook.replacing("memory.drop: {database: app", with: "memory.drop: {database: other"))
        request.acceptedUnproven = ["app-db/other"]
        _ = try await world.run(request).conduct { _ in }
        #expect(world.production.acts.contains("drop other"))
    }

    @Test func aDamagedInventoryIsNotBelieved() async throws {
        let world = try await MemoryWorld.real()
        let inventory = try #require(world.store.keys.first { $0.hasSuffix("/inventory.jsonl") })
        world.store.flip(inventory, byte: 0)
        let failure = await #expect(throws: Failure.self) {
            try await world.run(world.request(Self.runbook)).conduct { _ in }
        }
        #expect(failure?.kind == .damaged)
        #expect(failure?.problem.hasPrefix("part \(inventory) is damaged: its SHA-256 is ") == true)
        try await expectNothingTouched(world)
    }

    @Test func aNamedBackupThatLacksAPartIsRefusedAsWell() async throws {
        let world = try await MemoryWorld.real()
        let rows = try #require(world.store.keys.first { $0.hasSuffix("app-db/rows") })
        let id = String(rows.dropLast("/rows".count))
        world.store.truncate(rows, to: 1)
        var request = try world.request(Self.runbook)
        request.backups = ["dump": id]
        let failure = await #expect(throws: Failure.self) {
            try await world.run(request).conduct { _ in }
        }
        #expect(failure?.kind == .damaged)
        #expect(failure?.problem == "backup \(id) cannot be used: rows has 1 bytes instead of 3")
        try await expectNothingTouched(world)
    }
}
