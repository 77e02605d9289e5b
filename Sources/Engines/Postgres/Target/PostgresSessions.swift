import Bindings
import Recovery

/// The sessions of one target, one per database, opened when they are first needed and kept until `close`.
package actor PostgresSessions {
    private let server: PostgresServer
    private let options: String?
    private var open: [String: Task<PostgresConnection, any Error>] = [:]

    init(_ server: PostgresServer, options: String? = nil) {
        self.server = server
        self.options = options
    }

    /// A working session in that database. Throws `Failure`.
    func session(in database: String) async throws -> PostgresConnection {
        if let task = open[database], let session = try? await task.value, await !session.isBroken { return session }
        let task = Task { [server, options] in try await server.connect(to: database, options: options) }
        open[database] = task
        return try await task.value
    }

    /// Logs out of one database, so that it can be dropped.
    func leave(_ database: String) async {
        if let task = open.removeValue(forKey: database), let session = try? await task.value { await session.close() }
    }

    /// The server processes behind the sessions that are open now.
    func processes() async -> [Int32] {
        var processes: [Int32] = []
        for task in open.values {
            if let session = try? await task.value { processes.append(await session.backendPID) }
        }
        return processes
    }

    func close() async {
        for database in Array(open.keys) { await leave(database) }
    }
}
