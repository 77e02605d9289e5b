import Recovery
import TestSupport
import Testing

/// The nth operation of a backup of two targets fails, for every n: what is visible is whole, and the next backup works.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BackupFaultTests {
    static let cases =
        FaultCase.all(.store, .storeUnavailable) + FaultCase.some(.store, .localStorage) + FaultCase.all(.server, .unreachable)
        + [FaultCase(.server, .engine), FaultCase(.server, .credentials)]

    @Test(arguments: cases) func whatIsVisibleIsWholeAndTheNextBackupWorks(_ fault: FaultCase) async throws {
        for n in 1... {
            let world = try await MemoryWorld.real()
            let before = try #require(try await catalog(world).newest(policy: "nightly", target: "app-db").usable?.id)
            world.faults.fail(fault.port, call: n, with: fault.failure, fault.moment, fault.extent)
            let comment: Comment
            do {
                let taken = try await world.takeBackups()
                comment = "call \(n): \(world.faults.struck ?? "nothing")"
                #expect(taken.isComplete || world.faults.struck != nil, comment)
                #expect(taken.failures.values.allSatisfy { $0.kind == fault.kind && $0.advice != nil }, comment)
                #expect(Set(taken.manifests.map(\.id.target)).union(taken.failures.keys) == ["app-db", "copy-db"], comment)
            } catch let failure as Failure {
                comment = "call \(n): \(world.faults.struck ?? "nothing"); \(failure)"
                #expect(failure.kind == fault.kind && failure.advice != nil, comment)
            }
            guard world.faults.struck != nil else {
                #expect(n > 4)
                break
            }
            if fault.port != .store { #expect(world.store.workFolders.isEmpty, comment) }
            world.faults.heal()
            try await everythingUsableIsWhole(world, comment)
            let now = try await catalog(world).newest(policy: "nightly", target: "app-db").usable?.id
            #expect(now != nil && (now == before || now.map { $0.set > before.set } ?? false), comment)

            // Sets are told apart by the second in which they were begun.
            try await world.time.sleep(for: .seconds(60))
            #expect(try await world.takeBackups().isComplete, comment)
            for target in ["app-db", "copy-db"] {
                let next = try #require(try await catalog(world).newest(policy: "nightly", target: target).usable?.id, comment)
                #expect(next != before && next != now, "the next backup is not the newest: \(comment)")
            }
            try await everythingUsableIsWhole(world, comment)
        }
    }

    private func catalog(_ world: MemoryWorld) -> Catalog {
        Catalog(store: world.store, digests: world.digests, inventories: PlainInventories())
    }

    /// Every byte is read of every backup that the catalog would let somebody restore.
    private func everythingUsableIsWhole(_ world: MemoryWorld, _ comment: Comment) async throws {
        let catalog = catalog(world)
        let prover = Prover(digests: world.digests, time: world.time) { _ in }
        for set in try await catalog.sets(of: "nightly") {
            for target in ["app-db", "copy-db"] {
                let id = BackupID(policy: "nightly", set: set, target: target)
                guard try await catalog.reasonNotUsable(id) == nil else { continue }
                let checks = try await prover.prove(try await catalog.hand(id, role: "dump", chosen: "named"))
                #expect(checks.allSatisfy { !$0.isFinding }, comment)
            }
        }
    }
}
