import Recovery
import TestSupport
import Testing

/// Every kind of damage to every kind of file of a backup, and what a recovery from it makes of that. What is left in the place of a
/// file that became a folder, a link or a pipe a store does not show: it is as good as deleted.
@Suite(.timeLimit(.minutes(2))) struct DamageTests {
    enum Part: String, CaseIterable, Sendable {
        case manifest = "app-db/manifest.json"
        case inventory = "app-db/inventory.jsonl"
        case rows = "app-db/rows"
        case set = "set.json"
        case instructions = "app-db/RESTORE.txt"
        case begin = "begin.json"
        case note = "notes/20261101T000000Z-pin-aaaaaa.json"

        /// What it changes places with.
        var partner: Part {
            switch self {
            case .manifest: .inventory
            case .inventory, .set: .manifest
            case .rows: .inventory
            case .instructions, .note: .begin
            case .begin: .instructions
            }
        }

        var file: String { String(rawValue.split(separator: "/").last ?? "") }
    }

    /// What must come of it.
    enum Expected {
        /// Exit 2, before anything is stopped or touched, in words that name the file.
        case refused
        /// Nothing that is restored depends on it.
        case harmless(because: String)
    }

    private static func expected(of part: Part) -> Expected {
        switch part {
        case .manifest, .inventory, .rows, .set: .refused
        case .instructions: .harmless(because: "it is for people without lifeboat; the manifest holds the runbook's text")
        case .begin: .harmless(because: "of a finished set it no longer says anything")
        case .note: .harmless(because: "notes decide what is kept, not what is restored; an unreadable one keeps")
        }
    }

    static let cases = Part.allCases.flatMap { part in
        FileDamage.allCases.filter { ![.becameFolder, .becameLink, .becamePipe].contains($0) }.map { (part, $0) }
    }

    /// A world with two backups of production, complete with all files that a real one has.
    private func world() async throws -> (MemoryWorld, newest: BackupID, other: BackupID) {
        let world = try await MemoryWorld.real()
        let newest = try await world.putBackup(ageSeconds: 60, source: MemoryWorld.productionSource)
        let other = try await world.putBackup(rows: [4, 5, 6, 7], ageSeconds: 7200, source: MemoryWorld.productionSource)
        for (number, id) in [newest, other].enumerated() {
            let begin = SetBegin(
                policy: id.policy, set: id.set, host: "host \(number)", pid: 1, processStart: 1, startedAt: world.time.now,
                expires: world.time.now)
            let pin = Note(kind: .pin, writtenAt: world.time.now, host: "test", run: nil, text: "for the auditor, \(number)")
            world.store["\(id.setPath)/\(Part.begin.rawValue)"] = try CanonicalJSON.encode(begin)
            world.store["\(id.setPath)/\(Part.note.rawValue)"] = try CanonicalJSON.encode(pin)
            world.store["\(id.setPath)/\(Part.instructions.rawValue)"] = Array("restore it, \(number)".utf8)
        }
        return (world, newest, other)
    }

    private func apply(_ damage: FileDamage, to part: Part, in world: MemoryWorld, _ id: BackupID, _ other: BackupID) throws {
        let key = "\(id.setPath)/\(part.rawValue)"
        let partner = "\(id.setPath)/\(part.partner.rawValue)"
        let original = try #require(world.store[key])
        world.store[key] = damage.bytes(
            of: original, partner: try #require(world.store[partner]), twin: try #require(world.store["\(other.setPath)/\(part.rawValue)"]))
        if damage == .swapped { world.store[partner] = original }
    }

    private func end(of request: RunRequest, in world: MemoryWorld) async throws -> (code: Int32, words: String) {
        do {
            let ended = try await world.run(request).conduct { _ in }
            return (ended.result.exitCode, ended.result.failure?.problem ?? ended.result.passedOver.map(\.why).joined())
        } catch let failure as Failure {
            return (failure.kind.exitCode, failure.problem)
        }
    }

    @Test(arguments: cases) func aRecoveryIsRefusedBeforeAnythingIsTouchedOrUnharmed(_ part: Part, _ damage: FileDamage) async throws {
        let (world, id, other) = try await world()
        try apply(damage, to: part, in: world, id, other)
        var request = try world.request()
        request.backups = ["dump": "\(id)"]
        let (code, words) = try await end(of: request, in: world)
        switch Self.expected(of: part) {
        case .refused:
            #expect(code == 2, "\(words)")
            let names = damage == .swapped ? [part.file, part.partner.file] : [part.file]
            #expect(names.contains { words.contains($0) }, "\(words)")
            #expect(world.production.databases == ["app": [9, 9]])
            #expect(world.production.acts == [])
            #expect(world.apps.acts == [], "the application was not stopped")
        case .harmless(let because):
            #expect(code == 0, "\(because): \(words)")
            #expect(world.production.databases == ["app": [1, 2, 3]])
        }
    }

    @Test(arguments: cases) func theNewestUsableOneIsTakenAndADamagedOneIsTold(_ part: Part, _ damage: FileDamage) async throws {
        let (world, id, other) = try await world()
        try apply(damage, to: part, in: world, id, other)
        let inventorySize = world.store["\(other.setPath)/\(Part.inventory.rawValue)"]?.count
        let size = world.store["\(id.setPath)/\(part.rawValue)"]?.count
        let (code, words) = try await end(of: world.request(), in: world)
        let isAPart = part == .rows || part == .inventory
        switch Self.expected(of: part) {
        case .refused where isAPart && size == (part == .rows ? 3 : inventorySize):
            #expect(code == 2, "its size tells nothing, reading it does: \(words)")
            #expect(words.contains(part.file))
            #expect(world.production.acts == [])
        case .refused where part == .set && damage == .deleted:
            #expect(code == 0, "a set that was not finished is none, and no damage: \(words)")
            #expect(words == "its set was not finished")
        case .refused:
            #expect(code == 3, "\(words)")
            #expect(!words.isEmpty, "why it was passed over")
        case .harmless(let because):
            #expect(code == 0, "\(because): \(words)")
            #expect(words == "")
        }
    }

    @Test func aFileThatNobodyNamedIsRefusedInTheBackupAndNoMatterBesideIt() async throws {
        for (key, code) in [("app-db/rows.orig", 2), ("app-db/more/rows", 2), ("README", 0), ("notes/README", 0)] as [(String, Int32)] {
            let (world, id, _) = try await world()
            world.store["\(id.setPath)/\(key)"] = Array("what is this".utf8)
            let ended = try await world.run(world.request()).conduct { _ in }
            #expect(ended.result.exitCode == code, "\(key)")
            if code == 2 { #expect(ended.result.failure?.problem.hasPrefix("\(id.setPath)/\(key) lies in backup \(id) ") == true) }
        }
    }
}
