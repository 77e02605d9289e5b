import Bindings
import FoundationEssentials
import Recovery
import TestSupport
import Testing

@testable import Engines

/// The library's backup, captured once; each test works on a copy.
private actor CapturedLibrary {
    static let shared = CapturedLibrary()
    private var making: [String: Task<Made, any Error>] = [:]

    struct Made: Sendable {
        let sink: FolderSink
        let captured: Captured
        let programs: String
    }

    func made(by programs: String? = nil, compression: DumpCompression = DumpCompression(.gzip, level: 6)) async throws -> Made {
        let key = "\(programs ?? "") \(compression.canonical)"
        let task = making[key] ?? Task { try await Self.make(programs, compression) }
        making[key] = task
        return try await task.value
    }

    private static func make(_ programs: String?, _ compression: DumpCompression) async throws -> Made {
        let server = if let programs { try await TestPostgres.shared(of: programs) } else { try await TestPostgres.shared() }
        return try await TestDatabase.withLibrary(server) { library in
            let address = ServerAddress(
                host: server.parameters.host, port: server.parameters.port, user: server.parameters.user, password: server.password,
                database: library.name)
            let target = ConfiguredTarget(name: "app-db", engine: .postgres, stage: .staging, address: address)
            let tools = PostgresTools(folders: [server.programs], path: "", debianFolder: "/nowhere", commands: TestCommands())
            let sink = try await FolderSink()
            let captured = try await PostgresCapture(
                PostgresServer(.configured(role: "db", target), sessionName: "lifeboat tests \(randomHex(4))"), tools: tools,
                commands: TestCommands(),
                time: RealTime(), options: PostgresCapture.Options(compression: compression)
            ).capture(library.name, into: sink)
            return Made(sink: sink, captured: captured, programs: server.programs)
        }
    }
}

@Suite(.requires(TestPostgres.missing), .serialized, .timeLimit(.minutes(3)))
struct ExamineTests {
    private func examine(_ backup: BackupInHand, programs: String) async throws -> [CheckResult] {
        let scratch = "/tmp/lifeboat-engines-\(randomHex(8))"
        try await blocking { _ in try Files.makeFolder(scratch) }
        let outcome: Result<[CheckResult], any Error>
        do {
            outcome = .success(
                try await PostgresExamine.examine(backup, pgRestore: "\(programs)/pg_restore", commands: TestCommands(), scratch: scratch))
        } catch { outcome = .failure(error) }
        #expect(try await blocking { _ in try Files.list(scratch).count } == 0)
        _ = try await blocking { _ in try Files.removeTree(scratch) }
        return try outcome.get()
    }

    private func examine(_ made: CapturedLibrary.Made, inventory: [InventoryItem]? = nil, local: Bool = true) async throws -> [CheckResult]
    {
        try await examine(await made.sink.backup(made.captured, inventory: inventory, local: local), programs: made.programs)
    }

    @Test(arguments: TestPostgres.allPrograms, [DumpCompression(.none), DumpCompression(.gzip, level: 1)])
    func aSoundBackupOfAnyVersionHasNoFindings(_ programs: String, _ compression: DumpCompression) async throws {
        let made = try await CapturedLibrary.shared.made(by: programs, compression: compression)
        let checks = try await examine(made)
        #expect(checks.filter(\.isFinding) == [])
        #expect(checks.contains(CheckResult("table public.books", "rows in the dump", expected: 500, actual: 500)))
        #expect(checks.contains(CheckResult("large objects", "bytes in the dump", expected: 5005, actual: 5005)))
        #expect(checks.contains { $0.aspect == "entries POLICY" && $0.compared == 2 })
        #expect(CheckTally(checks).compared > 150)
    }

    @Test func aStoreWithoutPathsIsReadThroughScratch() async throws {
        let checks = try await examine(try await CapturedLibrary.shared.made(), local: false)
        #expect(checks.filter(\.isFinding) == [])
    }

    @Test func theHeadSaysWhichServerAndWhichPgDumpItWas() async throws {
        let made = try await CapturedLibrary.shared.made()
        let contents = try await PostgresExamine.contents(of: await made.sink.backup(made.captured), scratch: "/tmp")
        #expect(PostgresVersion(contents.header.serverVersion ?? "")?.description == made.captured.engineVersion)
        #expect(contents.header.oldestReader <= (PostgresVersion(made.captured.engineVersion)?.major ?? 0))
        #expect(
            contents.entries.contains { $0.type == "TABLE DATA" && $0.schema == "Sch;ema \"x\"" && $0.tag == "Tab'le\nwith $1 \\ <script>" }
        )
    }

    /// The same dump, and an inventory that says something else.
    @Test func whatTheInventoryHasAndTheDumpLacksIsAFindingEach() async throws {
        let made = try await CapturedLibrary.shared.made()
        let items = await made.sink.items
        func finding(_ kind: String, _ name: String, _ facts: [String: String] = [:], count: Int64? = nil) async throws -> [String] {
            let more =
                items.filter { $0.kind != kind || $0.name != name } + [InventoryItem(kind: kind, name: name, count: count, facts: facts)]
            return try await examine(made, inventory: more).filter(\.isFinding).map {
                "\($0.subject), \($0.aspect): \($0.actual), not \($0.expected)"
            }
        }
        #expect(
            try await finding("table", "public.books", ["form": "ordinary"], count: 501) == [
                "table public.books, rows in the dump: 500, not 501"
            ])
        #expect(
            try await finding("table", "public.missing", ["form": "ordinary"], count: 0) == [
                "table public.missing, entry TABLE in the dump: missing, not present",
                "table public.missing, entry TABLE DATA in the dump: missing, not present",
                "table public.missing, rows in the dump: no data, not 0",
            ])
        #expect(
            try await finding("index", "public.gone", ["on": "public.books", "valid": "yes"]) == [
                "index public.gone, entry INDEX in the dump: missing, not present"
            ])
        #expect(try await finding("index", "public.gone", ["on": "public.books", "valid": "no"]) == [])
        #expect(
            try await finding("policy", "p on public.books", ["on": "public.books"]) == [
                "policy p on public.books, entry POLICY in the dump: missing, not present"
            ])
        #expect(
            try await finding("function", "public.f(integer)", ["form": "procedure"]) == [
                "function public.f(integer), entry PROCEDURE in the dump: missing, not present"
            ])
        #expect(
            try await finding("large objects", "all", ["bytes": "5006"], count: 3) == [
                "large objects, number in the dump: 2, not 3", "large objects, bytes in the dump: 5005, not 5006",
            ])
        let without = items.filter { $0.name != "shop.rooms" }
        #expect(
            try await examine(made, inventory: without).filter(\.isFinding).map { "\($0.subject), \($0.aspect): \($0.actual)" } == [
                "table shop.rooms, entry TABLE DATA in the dump: present"
            ])
    }

    enum Damage: String, CaseIterable, Sendable {
        case flippedFirst, flippedMiddle, flippedLast, truncatedToNothing, truncatedByOne, truncatedToHalf, appended, missing
    }

    /// One kind of damage to one file at a time: refused as damaged, or seen as a finding. Nothing passes.
    @Test(arguments: Damage.allCases)
    func damageToAnyFileIsSeen(_ damage: Damage) async throws {
        let made = try await CapturedLibrary.shared.made()
        let backup = await made.sink.backup(made.captured)
        for artifact in backup.manifest.artifacts where artifact.key.hasPrefix("dump/") {
            let path = made.sink.path(of: artifact.key)
            let whole = try await blocking { _ in try Files.read(path, limit: 1 << 30) }
            try await blocking { _ in
                try Files.removeFile(path)
                if let bytes = Self.apply(damage, to: whole) { try Files.create(path, bytes) }
            }
            let seen: String
            do {
                let findings = try await examine(backup, programs: made.programs).filter(\.isFinding)
                seen = findings.isEmpty ? "nothing" : "findings"
            } catch let failure as Failure {
                seen = "\(failure.kind)"
                // Who looks for the file finds its name; of a list cut off between two lines, that of a file it then does not name.
                #expect(
                    failure.problem.contains(artifact.key) || failure.problem.contains("pg_restore") || artifact.key == "dump/blobs.toc",
                    "\(failure)")
            }
            // What the table of contents and the list say of names and statements has no checksum of its own: the manifest's hash guards it.
            let mayBeSilent = ["dump/toc.dat", "dump/blobs.toc"].contains(artifact.key) && damage.rawValue.hasPrefix("flipped")
            #expect(seen == "damaged" || seen == "findings" || seen == "unfit" || mayBeSilent, "\(damage) of \(artifact.key): \(seen)")
            try await blocking { _ in
                if try Files.status(of: path) != nil { try Files.removeFile(path) }
                try Files.create(path, whole)
            }
        }
        #expect(try await examine(backup, programs: made.programs).filter(\.isFinding) == [])
    }

    private static func apply(_ damage: Damage, to whole: [UInt8]) -> [UInt8]? {
        var bytes = whole
        switch damage {
        case .flippedFirst: bytes[0] ^= 0x10
        case .flippedMiddle: bytes[bytes.count / 2] ^= 0x10
        case .flippedLast: bytes[bytes.count - 1] ^= 0x10
        case .truncatedToNothing: bytes = []
        case .truncatedByOne: bytes.removeLast()
        case .truncatedToHalf: bytes.removeLast(bytes.count / 2)
        case .appended: bytes += Array("more\n".utf8)
        case .missing: return nil
        }
        return bytes
    }

    @Test func twoFilesThatChangedPlacesAreSeen() async throws {
        let made = try await CapturedLibrary.shared.made()
        let backup = await made.sink.backup(made.captured)
        let contents = try await PostgresExamine.contents(of: backup, scratch: "/tmp")
        func path(_ table: String) throws -> String {
            made.sink.path(of: "dump/\(try #require(contents.entries.first { $0.tag == table && $0.type == "TABLE DATA" }?.file)).gz")
        }
        let (a, b) = (try path("books"), try path("loans_2025"))
        try FileManager.default.moveItem(atPath: a, toPath: a + ".x")
        try FileManager.default.moveItem(atPath: b, toPath: a)
        try FileManager.default.moveItem(atPath: a + ".x", toPath: b)
        let findings = try await examine(backup, programs: made.programs).filter(\.isFinding)
        #expect(findings.map(\.subject).sorted() == ["table public.books", "table shop.loans_2025"])
        try FileManager.default.moveItem(atPath: b, toPath: a + ".x")
        try FileManager.default.moveItem(atPath: a, toPath: b)
        try FileManager.default.moveItem(atPath: a + ".x", toPath: a)
    }

    @Test func aFileThatNothingSpeaksOfIsForeign() async throws {
        let made = try await CapturedLibrary.shared.made()
        var manifest = await made.sink.backup(made.captured).manifest
        let object = StoredObject(bytes: 1, sha256: "")
        manifest.artifacts.append(Artifact(key: "dump/9999.dat.gz", content: object, stored: object))
        let known = await made.sink.backup(made.captured)
        let backup = BackupInHand(
            role: "dump", manifest: manifest, manifestSHA256: "", chosen: "", store: known.store,
            inventories: MemoryInventories(items: await made.sink.items))
        let failure = await #expect(throws: Failure.self) { try await examine(backup, programs: made.programs) }
        #expect(
            failure?.problem
                == "part dump/9999.dat.gz of backup nightly/20261120T020000Z-4f1c9a/app-db is foreign: the dump's table of contents does not name it"
        )
    }
}

struct ExpectedEntriesTests {
    @Test func aTableWhoseRowsAStandbyLacksHasNoDataInTheDump() {
        let table = InventoryItem(kind: "table", name: "public.t", facts: ["form": "ordinary", "persistence": "unlogged"])
        #expect(ExpectedEntries(of: [table]).entries(for: table) == [ExpectedEntry(type: "TABLE", schema: "public", tag: "t")])
    }
}

struct DumpContentsTests {
    @Test func nothingThatIsNoTableOfContentsIsReadAsOne() {
        for bytes in [
            [], Array("PGDM".utf8), Array("PGDMP".utf8), Array("PGDMP\u{1}\u{e}\0\u{4}".utf8), [UInt8](repeating: 0xff, count: 4096),
        ] {
            let failure = #expect(throws: Failure.self) { try DumpContents(bytes, named: "toc.dat") }
            #expect(failure?.kind == .damaged || failure?.kind == .unfit)
        }
    }

    @Test func aFormatOfTheFutureIsUnfitAndNotDamaged() {
        let failure = #expect(throws: Failure.self) { try DumpContents(Array("PGDMP\u{1}\u{20}\0\u{4}".utf8), named: "toc.dat") }
        #expect(failure?.kind == .unfit)
        #expect(failure?.problem == "part toc.dat has the format 1.32; this lifeboat reads 1.14 to 1.16")
    }
}

struct CopyRowsTests {
    private func count(_ pieces: String...) -> (Int64, Bool) {
        var rows = CopyRows()
        for piece in pieces { rows.take(Array(piece.utf8)) }
        return (rows.rows, rows.isWhole)
    }

    @Test func oneLineIsOneRowWhereverThePiecesAreCut() {
        #expect(count("a\tb\n1\t2\n\\.\n\n\n") == (2, true))
        #expect(count("a\t", "b\n1\t2\n", "\\", ".", "\n", "\n\n") == (2, true))
        #expect(count("\n\n\\.\n") == (2, true))
        #expect(count("\\.\n\n\n") == (0, true))
    }

    @Test func aValueThatLooksLikeTheEndIsARow() {
        #expect(count("\\\\.\n\\.x\n\\N\n\\.\n") == (3, true))
    }

    @Test func withoutItsEndOrWithMoreBehindItIsNotWhole() {
        #expect(count("a\nb\n") == (2, false))
        #expect(count("a\n\\.") == (1, false))
        #expect(count("a\n\\.\nb\n") == (1, false))
        #expect(count("a\n\\.\nb") == (1, false))
        #expect(count("") == (0, false))
    }
}
