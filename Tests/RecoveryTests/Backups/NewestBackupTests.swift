import Recovery
import TestSupport
import Testing

@Suite struct NewestBackupTests {
    /// Names of sets tell the second; the rest of them is random.
    @Test func ofSetsThatBeganInOneSecondTheLaterOneIsTheNewest() async throws {
        let world = MemoryWorld()
        let catalog = Catalog(store: world.store, digests: world.digests, inventories: PlainInventories())
        var points: [BackupID: Double] = [:]
        for part in (0..<40).map({ Double($0 * 17 % 40) / 100 }) {
            let id = try #require(try await world.putSet(targets: ["app-db"], ageSeconds: 3600 - part).first)
            points[id] = part
        }
        #expect(Set(points.keys.map { $0.set.prefix(16) }).count == 1, "\(points.keys)")
        let last = try #require(points.max { $0.value < $1.value }?.key)
        #expect(try await catalog.newest(policy: "nightly", target: "app-db").usable?.id == last)
    }
}
