import Bindings
import Recovery
import TestSupport
import Testing

/// The built program, asked for the images of a drill whose backup is real.
@Suite(.requires(TestPostgres.missing), .requires(TestDocker.missingEngine), .timeLimit(.minutes(3))) struct ImagesCommandTests {
    @Test func theBackupChoosesTheImageAndNobodyHasIt() async throws {
        try await withTemporaryFolder { folder in
            let server = try await TestPostgres.shared()
            let major = try await prepare(folder, server)
            // A mirror that nobody serves: whatever this machine's engine has of Docker Hub plays no part.
            let mirror = "127.0.0.1:\(try Machine.freeLoopbackPort())/hub"
            let image = "\(mirror)/library/postgres:\(major)"
            let lifeboat = try TestSupport.Program(
                "lifeboat", in: folder,
                environment: ["LIFEBOAT_STATE": "\(folder)/state", "HOME": folder, "LIFEBOAT_REGISTRY": mirror])
            let backup = try await lifeboat("backup", "nightly")
            #expect(backup.code == 0, "\(backup.errors)")

            let list = try await lifeboat("images", "drill.yaml")
            #expect(list.output == "\(image)  NOT THERE  for db\n", "\(list.errors)")
            #expect(list.code == 0)
            let json = try await lifeboat("images", "list", "drill.yaml", "--json")
            #expect(json.output.contains("\"isThere\" : false"), "\(json.output)")

            let pull = try await lifeboat("images", "pull", "drill.yaml")
            #expect(pull.code == 69)
            #expect(pull.output == "")
            #expect(
                pull.errors.contains("error: cannot pull the image \(image): the container engine does not reach \(mirror.dropLast(4))\n"),
                "\(pull.errors)")

            let save = try await lifeboat("images", "save", "drill.yaml", "--file", "images.tar")
            #expect(save.code == 69)
            #expect(save.errors.hasPrefix("error: cannot save \(image): the container engine at "), "\(save.errors)")
            #expect(await !isThere("\(folder)/images.tar"))

            let load = try await lifeboat("images", "load", "images.tar", "drill.yaml")
            #expect(load.code == 66)
            #expect(
                load.errors.hasPrefix("error: cannot load images: cannot read images.tar: No such file or directory\n"), "\(load.errors)")
            let runs = try await lifeboat("report")
            #expect(runs.code == 66, "nothing of this is a run")
        }
    }

    /// A configuration, a runbook and a drill. Returns the server's version.
    private func prepare(_ folder: String, _ server: TestPostgres) async throws -> Int {
        let parameters = server.parameters
        let connection = try await PostgresConnection.connect(parameters)
        let version = try await connection.query("SHOW server_version_num").rows.first?.first ?? nil
        await connection.close()
        for (name, text) in [
            ("password", server.password.reveal { $0 }),
            (
                "lifeboat.yaml",
                """
                targets:
                  app-db:
                    engine: postgres
                    stage: development
                    url: postgres://\(parameters.user)@\(parameters.host):\(parameters.port)/postgres
                    password: {file: \(folder)/password}
                stores:
                  main: {directory: store}
                policies:
                  nightly: {targets: {app-db: {}}, store: main}
                locks: \(folder)/locks
                """
            ),
            (
                "rebuild.yaml",
                """
                runbook: rebuild
                title: Prove a dump
                targets: {db: postgres}
                backups: {dump: postgres}
                steps:
                  - name: Prove
                    backup.verify: dump
                """
            ),
            (
                "drill.yaml",
                """
                drill: monthly
                environment:
                  db: {engine: postgres, version: from-backup}
                runs:
                  - runbook: rebuild.yaml
                    targets: {db: db}
                    backups: {dump: {policy: nightly, target: app-db}}
                """
            ),
        ] { try await write(Array(text.utf8), to: "\(folder)/\(name)") }
        for name in ["store", "locks"] { try await blocking { _ in try Files.makeFolder("\(folder)/\(name)", mode: 0o700) } }
        return try #require(version.flatMap { Int($0) }) / 10_000
    }
}
