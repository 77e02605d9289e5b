import Bindings
import Documents
import Recovery
import TestSupport

@testable import Engines

/// A place as a document writes it.
func place(_ yaml: String) throws -> IdentifierPlace { try IdentifierPlace(try YAMLNode.parse(yaml), .plain) }

extension Identifiers {
    /// Everything that lies there.
    func values() async throws -> [IdentifierValue] {
        let gathered = Gathered()
        try await all { await gathered.add($0) }
        return await gathered.values
    }
}

private actor Gathered {
    private(set) var values: [IdentifierValue] = []
    func add(_ more: [IdentifierValue]) { values += more }
}

extension IdentifierReading {
    /// Opens a place, lets the test use it, and closes it.
    func using<Result: Sendable>(_ yaml: String, _ use: (any Identifiers) async throws -> Result) async throws -> Result {
        let identifiers = try await self.identifiers(at: place(yaml))
        let outcome: Swift.Result<Result, any Error>
        do { outcome = .success(try await use(identifiers)) } catch { outcome = .failure(error) }
        await identifiers.close()
        return try outcome.get()
    }
}

extension TestDatabase {
    /// The server as what a recovery reads.
    var readable: ReadablePostgres {
        let parameters = server.parameters
        let address = ServerAddress(
            host: parameters.host, port: parameters.port, user: parameters.user, password: server.password, database: name)
        let target = ConfiguredTarget(name: "app-db", engine: .postgres, stage: .staging, address: address)
        return ReadablePostgres(
            PostgresServer(.configured(role: "db", target), sessionName: "lifeboat tests \(randomHex(4))"), tools: TestServers.tools())
    }
}
