import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

/// Every kind of damage to every kind of file of a real backup, as the built program sees it.
@Suite(.requires(TestPostgres.missing), .timeLimit(.minutes(10))) struct DamageTests {
    /// A file of the backup: how it is found, and what it changes places with.
    private struct Part: Sendable {
        let name: String
        let path: String
        let partner: String
        let isNeeded: Bool

        var file: String { String(path.split(separator: "/").last ?? "") }
    }

    /// Two backups of one database, and where they lie.
    private struct Site: Sendable {
        let folder: String
        let sets: [String]
        let parts: [Part]

        var newest: String { sets[0] }
        var id: String { "nightly/\(newest)/app-db" }

        static func make(in folder: String) async throws -> Site {
            let server = try await TestPostgres.shared()
            let database = "damage_\(randomHex(5))"
            try await server.ask("CREATE DATABASE \(database)", in: "postgres")
            try await server.ask(
                "CREATE TABLE notes AS SELECT i AS id, 'note ' || i AS words FROM generate_series(1, 500) AS i",
                "SELECT lo_from_bytea(0, 'a large object')", in: database)
            let lifeboat = try program(in: folder)
            let parameters = server.parameters
            try await write(Array(server.password.reveal { $0 }.utf8), to: "\(folder)/password")
            try await write(
                Array(
                    """
                    targets:
                      app-db:
                        engine: postgres
                        stage: development
                        url: postgres://\(parameters.user)@\(parameters.host):\(parameters.port)/\(database)
                        password: {file: \(folder)/password}
                    stores: {main: {directory: store}}
                    policies:
                      nightly: {targets: {app-db: {}}, store: main, expect: {every: 24h, max_age: 26h}}
                    """.utf8), to: "\(folder)/lifeboat.yaml")
            try FileManager.default.createDirectory(atPath: "\(folder)/store", withIntermediateDirectories: false)
            for _ in 0..<2 {
                let backup = try await lifeboat("backup", "nightly")
                try #require(backup.code == 0, "\(backup.errors)")
                // The two shall differ in every part.
                try await server.ask(
                    "INSERT INTO notes VALUES (0, 'more')", "ALTER TABLE notes SET (fillfactor = 90)",
                    "SELECT lo_put(oid, 0, 'other words') FROM pg_largeobject_metadata", "SELECT lo_create(0)", in: database)
            }
            let sets = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/store/nightly").sorted(by: >)
            for set in sets { try #require(try await lifeboat("backups", "pin", "nightly/\(set)", "--reason", set).code == 0) }
            try await server.ask("DROP DATABASE \(database)", in: "postgres")
            return Site(folder: folder, sets: sets, parts: try parts(of: "\(folder)/store/nightly/\(sets[0])"))
        }

        private static func parts(of set: String) throws -> [Part] {
            let files = try FileManager.default.subpathsOfDirectory(atPath: set).sorted()
            func first(_ fits: (String) -> Bool) throws -> String {
                let found = files.first(where: fits)
                return try #require(found, "\(files)")
            }
            let toc = "app-db/dump/toc.dat"
            let inventory = "app-db/inventory.jsonl.zst"
            let data = try first { $0.wholeMatch(of: /app-db\/dump\/[0-9]+\.dat\.gz/) != nil }
            let large = try first { $0.contains("/blob_") }
            let listing = try first { $0.wholeMatch(of: /app-db\/dump\/blobs.*\.toc/) != nil }
            let note = try first { $0.hasPrefix("notes/") }
            return [
                Part(name: "manifest", path: "app-db/manifest.json", partner: inventory, isNeeded: true),
                Part(name: "inventory", path: inventory, partner: toc, isNeeded: true),
                Part(name: "table of contents", path: toc, partner: data, isNeeded: true),
                Part(name: "rows", path: data, partner: large, isNeeded: true),
                Part(name: "large object", path: large, partner: data, isNeeded: true),
                Part(name: "list of large objects", path: listing, partner: toc, isNeeded: true),
                Part(name: "end of the set", path: "set.json", partner: "app-db/manifest.json", isNeeded: true),
                Part(name: "begin of the set", path: "begin.json", partner: "app-db/RESTORE.txt", isNeeded: false),
                Part(name: "instructions", path: "app-db/RESTORE.txt", partner: "begin.json", isNeeded: false),
                Part(name: "note", path: note, partner: "begin.json", isNeeded: false),
            ]
        }

        private static func program(in folder: String) throws -> TestSupport.Program {
            try TestSupport.Program(
                "lifeboat", in: folder,
                environment: ["LIFEBOAT_STATE": "\(folder)/state", "LIFEBOAT_LOCKS": "\(folder)/locks", "HOME": folder])
        }

        /// A copy of it that may be damaged, gone afterwards.
        func withCopy(_ use: (TestSupport.Program, _ store: String) async throws -> Void) async throws {
            try await withTemporaryFolder { copy in
                for name in ["store", "lifeboat.yaml"] {
                    try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(copy)/\(name)")
                }
                try await use(try Self.program(in: copy), "\(copy)/store/nightly")
            }
        }

        /// The same file of the other backup: notes have names of their own.
        func twin(of part: Part, in store: String) throws -> String {
            guard part.path.hasPrefix("notes/") else { return "\(store)/\(sets[1])/\(part.path)" }
            let note = try FileManager.default.contentsOfDirectory(atPath: "\(store)/\(sets[1])/notes").first
            return "\(store)/\(sets[1])/notes/\(try #require(note))"
        }
    }

    @Test func whatIsNeededIsRefusedByNameAndWhatIsNotDoesNoHarm() async throws {
        try await withTemporaryFolder { folder in
            let site = try await Site.make(in: folder)
            try await site.withCopy { lifeboat, _ in
                let verified = try await lifeboat("backups", "verify", site.id, "--deep")
                try #require(verified.code == 0, "untouched, it is sound: \(verified.output)\(verified.errors)")
            }
            try await withThrowingTaskGroup { group in
                for part in site.parts { group.addTask { try await everyDamage(to: part, of: site) } }
                try await group.waitForAll()
            }
        }
    }

    private func everyDamage(to part: Part, of site: Site) async throws {
        for damage in FileDamage.allCases {
            try await site.withCopy { lifeboat, store in
                let set = "\(store)/\(site.newest)"
                try await damage.apply(
                    to: "\(set)/\(part.path)", partner: "\(set)/\(part.partner)", twin: try site.twin(of: part, in: store))
                try await verify(part, damage, site, lifeboat)
                if [.middleBitFlipped, .emptied, .deleted, .becamePipe].contains(damage) {
                    try await lookAround(part, damage, site, lifeboat)
                }
            }
        }
    }

    private func verify(_ part: Part, _ damage: FileDamage, _ site: Site, _ lifeboat: TestSupport.Program) async throws {
        let what = "\(part.name) \(damage.rawValue)"
        let plain = try await lifeboat("backups", "verify", site.id)
        let words = plain.output + plain.errors
        guard part.isNeeded else {
            #expect(plain.code == 0, "\(what): \(words)")
            #expect(try await lifeboat("backups", "verify", site.id, "--deep").code == 0, "\(what)")
            return
        }
        #expect(plain.code == 2, "\(what): \(words)")
        let names = damage == .swapped ? [part.file, String(part.partner.split(separator: "/").last ?? "")] : [part.file]
        #expect(names.contains { words.contains($0) }, "\(what): \(words)")
        if damage == .middleBitFlipped || damage == .deleted {
            let deep = try await lifeboat("backups", "verify", site.id, "--deep")
            #expect(deep.code == 2, "\(what), deep: \(deep.output)\(deep.errors)")
        }
    }

    /// Whoever looks at the store gets an answer in words.
    private func lookAround(_ part: Part, _ damage: FileDamage, _ site: Site, _ lifeboat: TestSupport.Program) async throws {
        let what = "\(part.name) \(damage.rawValue)"
        let list = try await lifeboat("backups", "list")
        #expect(list.code == 0, "\(what): \(list.errors)")
        #expect(list.output.contains("nightly/\(site.sets[1])/app-db"), "the other one is still listed")
        let isGone = damage != .middleBitFlipped
        // Sizes tell nothing of a flipped bit in a part; of manifest and set.json every look reads all.
        let isSeen = part.isNeeded && (isGone || part.file.hasSuffix(".json"))
        #expect(list.output.contains("NOT USABLE") == isSeen, "\(what): \(list.output)")

        let show = try await lifeboat("backups", "show", site.id)
        let hasManifest = part.file != ManifestFile.name
        #expect(show.code == (hasManifest ? 0 : 2), "\(what): \(show.output)\(show.errors)")
        if !hasManifest { #expect(show.errors.contains(ManifestFile.name), "\(show.errors)") }

        let check = try await lifeboat("check")
        let isLost = part.file == SetFile.name && (damage == .deleted || damage == .becamePipe)
        #expect(check.code == (isSeen && !isLost ? 2 : 0), "\(what): \(check.output)\(check.errors)")
        #expect(!check.output.isEmpty)
    }

    @Test func aFileThatNobodyNamedIsRefusedInTheBackupAndNoMatterBesideIt() async throws {
        try await withTemporaryFolder { folder in
            let site = try await Site.make(in: folder)
            for (path, code) in [("app-db/dump/9999.dat", 2), ("app-db/stray", 2), ("stray", 0), ("notes/stray", 0)] as [(String, Int32)] {
                try await site.withCopy { lifeboat, store in
                    try await write(Array("what is this".utf8), to: "\(store)/\(site.newest)/\(path)")
                    for options in [[], ["--deep"]] {
                        let verified = try await lifeboat.run(["backups", "verify", site.id] + options)
                        #expect(verified.code == code, "\(path): \(verified.output)\(verified.errors)")
                        if code == 2 { #expect(verified.errors.contains("/\(path) lies in backup "), "\(verified.errors)") }
                    }
                }
            }
        }
    }
}
