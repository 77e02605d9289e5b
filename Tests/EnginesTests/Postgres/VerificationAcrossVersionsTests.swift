import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

@testable import Engines

@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(3)))
struct VerificationAcrossVersionsTests {
    /// A dump goes into the same major version or a newer one; the restore's facts are read by another server than the inventory's.
    @Test func aRestoreIntoTheSameOrANewerServerHasNoFindings() async throws {
        var servers: [(server: TestPostgres, version: Int)] = []
        for programs in TestPostgres.allPrograms {
            let server = try await TestPostgres.shared(of: programs)
            let connection = try await PostgresConnection.connect(server.parameters)
            servers.append((server, await connection.serverVersion))
            await connection.close()
        }
        for source in servers {
            try await TestDatabase.withLibrary(source.server) { library in
                let folder = FileManager.default.temporaryDirectory.path + "/lifeboat-dump-\(randomHex(8))"
                defer { try? FileManager.default.removeItem(atPath: folder) }
                let inventory = try await library.facts(Fingerprints(["*"]))
                try await library.dump(to: folder)
                for target in servers where target.version >= source.version {
                    _ = try await TestDatabase.withLibrary(target.server) { _ in }
                    try await TestDatabase.with(target.server) { restored in
                        try await restored.restore(from: folder)
                        try await restored.run(LibraryDatabase.properties(of: restored.name))
                        let connection = try await restored.connect()
                        let outcome = try await PostgresVerification.verify(inventory, against: connection)
                        await connection.close()
                        #expect(outcome.checks.filter(\.isFinding) == [], "from \(source.version) into \(target.version)")
                    }
                }
            }
        }
    }
}
