import Bindings
import Recovery
import TestSupport
import Testing

/// The built program on the folder of a stopped server: captured, damaged, brought back, and drilled.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(5))) struct QdrantStorageTests {
    @Test func aStoppedServerIsCapturedAndDrilledOnAServerOfTheDrill() async throws {
        try await QdrantSite.with { site in
            try await site.production.fillEverything("everything")
            let before = [try await site.production.points("books"), try await site.production.points("everything")]
            try await site.addPolicyByFolder()
            try await site.production.stop()
            try await site.backUp("by-folder")
            let id = try await site.newest("by-folder")
            let verified = try await site.lifeboat("backups", "verify", id, "--deep")
            #expect(verified.code == 0, "\(verified.output)\(verified.errors)")

            let drill = try await site.lifeboat("drill", "\(site.folder)/drill-qdrant-storage.yaml", "--environment", "process")
            #expect(drill.code == 0, "\(drill.output)\(drill.errors)")
            #expect(drill.output.contains("PASSED drill drill-qdrant-storage"), "\(drill.output)")
            #expect(Life.processes(naming: "\(site.folder)/servers") == [])

            // Nothing of it reached the real one.
            try await site.production.start()
            #expect(try await site.lifeboat("sweep").output == "Nothing was left behind.\n")
            #expect([try await site.production.points("books"), try await site.production.points("everything")] == before)
        }
    }

    @Test func aDamagedServerGetsItsFolderBackAndTheOldOneStays() async throws {
        try await QdrantSite.with { site in
            let before = try await site.production.points("books")
            let switches = try switches(of: site.production)
            try await site.addPolicyByFolder(switches)
            try await site.production.stop()
            try await site.backUp("by-folder")
            let backup = ["--backup", "folder=\(try await site.newest("by-folder"))"]
            try await site.production.start()
            try await site.damage()
            try await site.production.fillBooks("newer", points: 3)

            let refused = try await site.lifeboat.run(site.arguments("qdrant-storage", confirm: false) + backup)
            #expect(refused.code == 1, "\(refused.output)\(refused.errors)")
            #expect(refused.errors.contains("--confirm vectors"), "\(refused.errors)")
            #expect(try await site.production.count("books") == 57)

            let run = try await site.lifeboat.run(site.arguments("qdrant-storage") + backup)
            #expect(run.code == 0, "\(run.output)\(run.errors)")
            #expect(site.production.isRunning)
            #expect(try await site.production.points("books") == before)
            #expect(try await site.production.collections() == ["books"])
            #expect(try await site.production.aliases() == ["shelf": "books"])
            let beside = try await blocking { [folder = site.production.folder] _ in try Files.list(folder).map(\.name) }
            #expect(beside.filter { $0.hasPrefix("storage.before-") }.count == 1, "\(beside)")
            #expect(beside.filter { $0.hasPrefix("storage.lifeboat-") }.isEmpty, "\(beside)")
            #expect(await site.appRuns())
            await switches.stop()
        }
    }

    @Test func theFolderOfAServerThatRunsIsNotCaptured() async throws {
        try await QdrantSite.with { site in
            try await site.addPolicyByFolder()
            let backup = try await site.lifeboat("backup", "by-folder")
            #expect(backup.code == 1, "\(backup.output)")
            #expect(
                backup.errors.contains("cannot capture \(site.production.folder)/storage: 'vectors' (")
                    && backup.errors.contains(") answers, so the folder is live"), "\(backup.errors)")
            #expect(try await site.unfinished() == [])
        }
    }

    @Test func oneFlippedBitOfTheArchiveIsRefusedBeforeAnythingIsTouched() async throws {
        try await QdrantSite.with { site in
            try await site.addPolicyByFolder()
            try await site.production.stop()
            try await site.backUp("by-folder")
            let backup = ["--backup", "folder=\(try await site.newest("by-folder"))"]
            try await site.production.start()
            let archive = "\(try await site.backupFolder("by-folder"))/storage.tar.zst"
            let whole = try await read(archive)
            var generator = SeededGenerator(seed: 5)
            for _ in 1...3 {
                var bytes = whole
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                try await blocking { [bytes] _ in try Files.replace(archive, bytes) }
                let run = try await site.lifeboat.run(site.arguments("qdrant-storage") + backup)
                #expect(run.code == 2, "\(run.output)\(run.errors)")
                #expect((run.output + run.errors).contains("storage.tar.zst"), "\(run.output)\(run.errors)")
                #expect(await site.appRuns())
                #expect(try await site.production.count("books") == QdrantSite.points)
            }
        }
    }
}

/// The built program is killed in the middle of bringing a folder back, and goes on from what lies on the disk.
@Suite(.requires(TestQdrant.missingProgram), .timeLimit(.minutes(30))) struct QdrantStorageCrashTests {
    @Test func afterAKillAtAnyEventTheFolderComesBackOnce() async throws {
        try await QdrantSite.with { site in
            let whole = try await site.production.points("books")
            let switches = try switches(of: site.production)
            try await site.addPolicyByFolder(switches)
            try await site.production.stop()
            try await site.backUp("by-folder")
            let backup = ["--backup", "folder=\(try await site.newest("by-folder"))"]
            let loop = CrashLoop(
                site: site, arguments: site.arguments("qdrant-storage") + backup,
                prepare: {
                    if !site.production.isRunning { try await site.production.start() }
                    try await site.damage()
                },
                check: { life, before, comment in
                    #expect(site.production.isRunning, comment)
                    #expect(try await site.production.points("books") == whole, comment)
                    #expect(try await site.production.aliases() == ["shelf": "books"], comment)
                    #expect(await site.appRuns(), comment)
                    let beside = try await blocking { [folder = site.production.folder] _ in try Files.list(folder).map(\.name) }
                    #expect(beside.filter { $0.hasPrefix("storage.lifeboat-") }.isEmpty, comment)
                    let run = try #require(try await life.run())
                    #expect(beside.contains("storage.before-\(run)"), comment)
                    let lines = try await life.journal()
                    let again = JournalWords.finished(before).intersection(JournalWords.begun(lines.dropFirst(before.count)))
                    #expect(again == [], comment)
                })
            let lines = try await loop.undisturbed().count
            let places = Soak.isOn ? Array(0...lines) : Soak.spread(lines, atMost: 9)
            #expect(try await loop.kill(at: places) >= places.count)
            await switches.stop()
        }
    }
}

/// Stops and starts the server that somebody needs when it is told to over HTTP.
private func switches(of server: TestQdrant) throws -> HTTPServer {
    try HTTPServer(asyncHandler: { request in
        do {
            switch (request.method, request.path) {
            case ("POST", "/stop"): try await server.stop()
            case ("POST", "/start"): if !server.isRunning { try await server.start() }
            default: return HTTPServerResponse(server.isRunning ? 200 : 503)
            }
            return HTTPServerResponse(200)
        } catch { return HTTPServerResponse(500, "\(error)") }
    })
}

extension QdrantSite {
    /// The whole server by its folder, and the server as an application.
    fileprivate func addPolicyByFolder(_ switches: HTTPServer? = nil) async throws {
        let policy = """
            policies:
              by-folder:
                targets:
                  vectors: {runbook: \(runbook("qdrant-storage")), collections: {way: storage}}
                store: main
            """
        let url = "http://127.0.0.1:\(switches?.port ?? 1)"
        let app = """
            apps:
              qdrant:
                stop: {http: "\(url)/stop"}
                start: {http: "\(url)/start"}
                healthy: {http: "\(url)/up"}
                running: {http: "\(url)/up"}
            """
        let text = configuration.replacing("policies:", with: policy).replacing("apps:", with: app)
            .replacing("stage: production, url", with: "stage: production, storage: \(production.folder)/storage, url")
        try await put("lifeboat.yaml", text)
    }
}
