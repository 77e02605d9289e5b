import Recovery
import TestSupport
import Testing

/// `set.json` is sealed, and says which manifests belong to the set.
@Suite struct SetFileTests {
    private let digests = TestDigests()

    private func world() async throws -> (MemoryWorld, BackupID) {
        let world = MemoryWorld()
        return (world, try await world.putBackup())
    }

    private func catalog(_ world: MemoryWorld) -> Catalog {
        Catalog(store: world.store, digests: digests, inventories: PlainInventories())
    }

    @Test func everyBitThatChangesItIsNoticed() async throws {
        let (world, id) = try await world()
        let bytes = try #require(world.store["\(id.setPath)/set.json"])
        #expect(
            try SetFile.read(bytes, of: id.policy, id.set, digests).members.map(\.target) == ["app-db"])
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            let failure = #expect(throws: Failure.self, "byte \(index)") {
                try SetFile.read(changed, of: id.policy, id.set, digests)
            }
            #expect(failure?.isAboutTheBackup == true)
            #expect(failure?.problem.hasPrefix("\(id.setPath)/set.json ") == true)
        }
    }

    @Test func oneThatWasNeverSealedIsNone() async throws {
        let (world, id) = try await world()
        let end = try #require(try await catalog(world).end(of: id.policy, id.set))
        var open = end
        open.checksum = nil
        let bytes = try CanonicalJSON.encode(open)
        let failure = #expect(throws: Failure.self) {
            try SetFile.read(bytes, of: id.policy, id.set, digests)
        }
        #expect(
            failure?.problem
                == "\(id.setPath)/set.json was changed after it was written: its own checksum does not hold"
        )
    }

    @Test func aFormatOfTheFutureIsUnfitAndThatOfAnotherSetIsDamage() async throws {
        let (world, id) = try await world()
        let end = try #require(try await catalog(world).end(of: id.policy, id.set))
        var newer = end
        newer.format = 2
        let bytes = try SetFile.bytes(of: newer, digests)
        #expect(
            #expect(throws: Failure.self) { try SetFile.read(bytes, of: id.policy, id.set, digests) }?
                .kind == .unfit)
        let moved = try SetFile.bytes(of: end, digests)
        let failure = #expect(throws: Failure.self) {
            try SetFile.read(moved, of: id.policy, "another", digests)
        }
        #expect(
            failure?.problem == "\(id.policy)/another/set.json says that it is of set \(id.setPath)")
    }

    /// Sound by itself, and not the one that was there when the set was finished.
    @Test func anotherManifestIsRefusedWhoeverLooks() async throws {
        let (world, id) = try await world()
        let hand = try await catalog(world).hand(id, role: "dump", chosen: "named")
        var manifest = hand.manifest
        manifest.host = "elsewhere"
        let forged = try ManifestFile.bytes(of: manifest, digests)
        world.store["\(id)/manifest.json"] = forged.bytes
        let words = "\(id)/manifest.json is not the manifest that set.json names"
        #expect(try await catalog(world).look(at: id).flaw == BackupFlaw(.damaged, words))
        let failure = await #expect(throws: Failure.self) {
            try await catalog(world).hand(id, role: "dump", chosen: "named")
        }
        #expect(failure?.problem == words)
        let swapped = BackupInHand(
            role: "dump", manifest: manifest, manifestSHA256: forged.sha256, chosen: "named",
            store: world.store,
            inventories: PlainInventories())
        let prover = Prover(digests: digests, time: world.time) { _ in }
        #expect(
            await #expect(throws: Failure.self) { try await prover.prove(swapped) }?.problem == words)
        #expect(await !prover.hasProven(swapped))
    }

    @Test func withoutItNothingIsProven() async throws {
        let (world, id) = try await world()
        try await world.store.delete("\(id.setPath)/set.json")
        let hand = try await catalog(world).hand(id, role: "dump", chosen: "named")
        let prover = Prover(digests: digests, time: world.time) { _ in }
        let failure = await #expect(throws: Failure.self) { try await prover.prove(hand) }
        #expect(failure?.kind == .damaged)
        #expect(
            failure?.problem
                == "\(id.setPath)/set.json is missing from store 'main': the set was never finished, or the file was lost")
        #expect(await !prover.hasProven(hand))
    }
}
