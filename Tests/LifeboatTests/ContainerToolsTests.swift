import Bindings
import Documents
import FoundationEssentials
import Recovery
import TestSupport
import Testing

@testable import Environments

/// The built program on a machine without PostgreSQL's programs, against a server that runs in a container.
@Suite(.requires(TestDocker.missing), .timeLimit(.minutes(5))) struct ContainerToolsTests {
    private struct Site {
        let lifeboat: TestSupport.Program
        let engine: DockerEngine
        let container: String
        let name: String

        /// The container that its target names.
        enum Named {
            case own, none
            case other(Site)
        }

        static func with(_ named: Named = .own, _ use: (Site) async throws -> Void) async throws {
            let engine = try await DockerConnection(ThisProcess.environment).engine()
            let name = "lifeboat-test-\(randomHex(8))"
            let id = try await engine.createContainer(
                named: name,
                [
                    "Image": .string(TestDocker.pgvector), "Env": ["POSTGRES_PASSWORD=hunter2"], "ExposedPorts": ["5432/tcp": [:]],
                    "HostConfig": ["PortBindings": ["5432/tcp": [["HostIp": "127.0.0.1", "HostPort": ""]]]],
                ])
            let outcome: Result<Void, any Error>
            do {
                try await engine.startContainer(id)
                outcome = .success(
                    try await withTemporaryFolder { folder in
                        try await use(try await prepare(folder, engine, id, name, line(named, name)))
                    })
            } catch {
                outcome = .failure(error)
            }
            try await uncancelledThrowing { try await engine.removeContainer(id) }
            try outcome.get()
        }

        private static func line(_ named: Named, _ name: String) -> String {
            switch named {
            case .own: "container: \(name)"
            case .other(let site): "container: \(site.name)"
            case .none: ""
            }
        }

        private static func prepare(_ folder: String, _ engine: DockerEngine, _ id: String, _ name: String, _ more: String) async throws
            -> Site
        {
            let port = try #require(try await engine.inspectContainer(id).published(5432).first?.port)
            for path in ["\(folder)/store", "\(folder)/locks"] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: "\(folder)/locks")
            func put(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
            try put("password", "hunter2")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: "\(folder)/password")
            try put(
                "lifeboat.yaml",
                """
                targets:
                  app-db:
                    engine: postgres
                    stage: production
                    url: postgres://postgres@127.0.0.1:\(port)/library
                    password: {file: \(folder)/password}
                    \(more)
                stores: {main: {directory: store}}
                policies:
                  nightly: {targets: {app-db: {runbook: rebuild.yaml}}, store: main}
                locks: \(folder)/locks
                servers: {docker: {pull: never}}
                """)
            try put(
                "rebuild.yaml",
                """
                runbook: rebuild
                title: Rebuild the library
                targets: {db: postgres}
                backups: {dump: postgres}
                inputs: {database: text}
                steps:
                  - name: Prove
                    backup.verify: {backup: dump, depth: deep}
                  - name: Keep what is there
                    backup.take: {target: db, database: "${input.database}", optional: unreadable}
                  - name: Drop
                    postgres.drop-database: {database: "${input.database}", refill: dump}
                  - name: Create
                    postgres.create-database: {database: "${input.database}", like: dump}
                  - name: Restore
                    postgres.restore: {database: "${input.database}", from: dump}
                  - name: Verify
                    postgres.verify: {database: "${input.database}", against: dump}
                """)
            try put(
                "drill.yaml",
                """
                drill: monthly
                environment:
                  db: {engine: postgres, image: \(TestDocker.pgvector)}
                runs:
                  - runbook: rebuild.yaml
                    targets: {db: db}
                    backups: {dump: {policy: nightly, target: app-db}}
                    inputs: {database: library}
                """)
            let ours = ThisProcess.environment
            let lifeboat = try TestSupport.Program(
                "lifeboat", in: folder,
                environment: [
                    "LIFEBOAT_STATE": "\(folder)/state", "HOME": folder, "LIFEBOAT_TOOLS": "", "PATH": "/nowhere",
                    "LIFEBOAT_ENVIRONMENT": "docker", "DOCKER_HOST": ours["DOCKER_HOST"] ?? "",
                ])
            let site = Site(lifeboat: lifeboat, engine: engine, container: id, name: name)
            // The first server of a container listens on its socket only, and is stopped again.
            try await eventually { (try? await site.ask("SELECT 1", in: "postgres")) == "1" }
            _ = try await site.ask("CREATE DATABASE library", in: "postgres")
            _ = try await site.ask(
                """
                CREATE EXTENSION vector;
                CREATE TABLE books (id integer PRIMARY KEY, title text NOT NULL, place vector(3));
                INSERT INTO books SELECT i, 'book ' || i, ARRAY[i, 1, 2]::vector FROM generate_series(1, 500) AS i;
                """)
            return site
        }

        func ask(_ sql: String, in database: String = "library") async throws -> String {
            let answer = try await engine.execute(
                ["env", "PGPASSWORD=hunter2", "psql", "-h", "127.0.0.1", "-U", "postgres", "-X", "-A", "-t", "-q", "-c", sql, database],
                in: container)
            guard answer.status == 0 else { throw Failure(.engine, answer.errors) }
            return answer.output.split(separator: "\n").joined(separator: "\n")
        }

        func left() async throws -> String {
            try await engine.execute(["sh", "-c", "ls -d /tmp/lifeboat-* /var/tmp/lifeboat-* 2>/dev/null; true"], in: container).output
        }
    }

    @Test func backsUpVerifiesDrillsAndRecoversWithTheProgramsInThere() async throws {
        try await Site.with { site in
            let doctor = try await site.lifeboat("doctor")
            #expect(doctor.output.contains("; its programs are used in container '\(site.name)'"), "\(doctor.output)")
            let backup = try await site.lifeboat("backup", "nightly", "--json")
            #expect(backup.code == 0, "\(backup.errors)")
            let list = try await site.lifeboat("backups", "list")
            let id = try #require(list.output.firstMatch(of: /nightly\/[0-9A-Za-z-]+\/app-db/)).output
            let verified = try await site.lifeboat("backups", "verify", String(id), "--deep")
            #expect(verified.code == 0, "\(verified.output)\(verified.errors)")

            let drill = try await site.lifeboat("drill", "drill.yaml")
            #expect(drill.code == 0, "\(drill.output)\(drill.errors)")

            _ = try await site.ask("DELETE FROM books WHERE id > 100")
            let run = try await site.lifeboat(
                "run", "rebuild.yaml", "--target", "db=app-db", "--input", "database=library", "--confirm", "app-db")
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(try await site.ask("SELECT count(*) FROM books") == "500")
            #expect(try await site.left() == "", "nothing of ours stays in somebody's container")
        }
    }

    @Test func withoutThemItSaysWhatIsMissing() async throws {
        try await Site.with(.none) { site in
            let backup = try await site.lifeboat("backup", "nightly")
            #expect(backup.code == 1)
            #expect(backup.errors.contains("no pg_dump of version 16 or newer was found"), "\(backup.errors)")
        }
    }

    @Test func aContainerOfAnotherServerIsRefused() async throws {
        try await Site.with { other in
            try await Site.with(.other(other)) { site in
                let backup = try await site.lifeboat("backup", "nightly")
                #expect(backup.code == 78, "\(backup.errors)")
                #expect(backup.errors.contains("the server inside container '\(other.name)' is not 'app-db'"), "\(backup.errors)")
                #expect(try await other.left() == "")
            }
        }
    }
}
