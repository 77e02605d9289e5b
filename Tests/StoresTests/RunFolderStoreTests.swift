import Bindings
import Recovery
import Stores
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RunFolderStoreTests {
    private let run = RunID(rawValue: "20261120T020000Z-monthly-4f1c9a")
    private let time = FixedTime(Timestamp(millisecondsSince1970: 1_795_140_000_000))

    private func store(in folder: String) -> RunFolderStore {
        RunFolderStore(
            stateFolder: folder + "/state", setting: "the setting 'state'", owner: Owner(host: "db1", pid: 4711, processStart: 1),
            time: time)
    }

    private func withRuns(_ use: (RunFolderStore, _ folder: String) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in try await use(store(in: folder), folder) }
    }

    @Test func whatIsAppendedIsThereLineByLine() async throws {
        try await withRuns { runs, folder in
            let ours = try await runs.create(run)
            try await ours.append(Array("one\n".utf8))
            try await ours.append(Array("two".utf8))
            #expect(try await ours.read() == Array("one\ntwo\n".utf8))
            #expect(try await runs.journal(of: run) == Array("one\ntwo\n".utf8))
            #expect(try await runs.list() == [run])
            #expect(runs.path(of: run) == "\(folder)/state/runs/\(run)")
            #expect(ours.path == runs.path(of: run))
            await ours.close()
        }
    }

    @Test func onlyWeCanReadAJournal() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            #expect(try Files.status(of: ours.path)?.mode == 0o700)
            #expect(try Files.status(of: ours.path + "/journal.jsonl")?.mode == 0o600)
            let scratch = try await ours.scratch()
            #expect(try Files.status(of: scratch)?.mode == 0o700)
            await ours.close()
        }
    }

    @Test func aRunAtWorkCannotBeOpenedAgain() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            let failure = await #expect(throws: Failure.self) { try await runs.open(run) }
            #expect(failure?.kind == .lockHeld)
            #expect(
                failure?.problem
                    == "run \(run) is at work: its journal is held by process 4711 on db1 since 2026-11-20T02:00:00.000Z")
            await ours.close()
            let again = try await runs.open(run)
            try await again.append(Array("after".utf8))
            #expect(try await again.read() == Array("after\n".utf8))
            await again.close()
        }
    }

    @Test func aRunIsCreatedOnce() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            try await ours.append([65])
            let failure = await #expect(throws: Failure.self) { try await runs.create(run) }
            #expect(failure?.kind == .journal)
            #expect(failure?.problem == "there is a run \(run) already, in \(runs.path(of: run))")
            #expect(try await ours.read() == [65, 10])
            await ours.close()
        }
    }

    @Test func aRunThatIsSetAsideIsNoRunAnyMoreAndItsJournalIsKept() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            try await ours.append(Array("not a journal".utf8))
            let scratch = try await ours.scratch()
            #expect(await #expect(throws: Failure.self) { try await runs.setAside(run) }?.kind == .lockHeld)
            await ours.close()
            let kept = try await runs.setAside(run)
            #expect(try await read(kept) == Array("not a journal\n".utf8))
            #expect(await !isThere(scratch))
            #expect(try await runs.list().isEmpty)
        }
    }

    @Test func aRunThatIsNotThereIsNotFound() async throws {
        try await withRuns { runs, _ in
            let listed = try await runs.list()
            #expect(listed.isEmpty)
            #expect(await #expect(throws: Failure.self) { try await runs.open(run) }?.kind == .notFound)
            #expect(await #expect(throws: Failure.self) { try await runs.journal(of: run) }?.kind == .notFound)
            let hostile = RunID(rawValue: "../../etc")
            #expect(await #expect(throws: Failure.self) { try await runs.open(hostile) }?.kind == .notFound)
            #expect(await #expect(throws: Failure.self) { try await runs.create(hostile) }?.kind == .notFound)
        }
    }

    @Test func runsAreListedOldestFirst() async throws {
        try await withRuns { runs, _ in
            for name in ["20261121T000000Z-b-1", "20261120T000000Z-a-2", "20261122T000000Z-a-3"] {
                await (try await runs.create(RunID(rawValue: name))).close()
            }
            #expect(
                try await runs.list().map(\.rawValue) == ["20261120T000000Z-a-2", "20261121T000000Z-b-1", "20261122T000000Z-a-3"])
        }
    }

    @Test func aTornTailIsCutOff() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            try await ours.append(Array("whole".utf8))
            try await ours.append(Array("torn".utf8))
            try await ours.truncate(to: 6)
            try await ours.append(Array("next".utf8))
            #expect(try await ours.read() == Array("whole\nnext\n".utf8))
            await ours.close()
        }
    }

    @Test func filesBesideTheJournalAreReplacedWhole() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            try await ours.write("report.html", [1])
            try await ours.write("report.html", [2])
            #expect(try await read(ours.path + "/report.html") == [2])
            for name in ["journal.jsonl", "lock", "../x", "a/b", "", "scratch"] {
                #expect(await #expect(throws: Failure.self, "\(name)") { try await ours.write(name, [1]) }?.kind == .bug)
            }
            #expect(try Files.list(ours.path).map(\.name) == ["journal.jsonl", "lock", "report.html"])
            await ours.close()
        }
    }

    @Test func roomForTheEndOfTheRunIsReservedAndGivenBack() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            #expect(try await allocatedKiB(ours.path + "/journal.jsonl") >= 1024)
            try await ours.append([UInt8](repeating: 65, count: 900 << 10))
            #expect(try await allocatedKiB(ours.path + "/journal.jsonl") >= 900 + 1024)
            await ours.close()
            #expect(try await allocatedKiB(ours.path + "/journal.jsonl") < 1024)
        }
    }

    @Test(.requires(Self.mountingMissing)) func theEndFitsOnAFullDisk() async throws {
        // A file system of 3 MiB of its own.
        try await withTemporaryFolder { folder in
            let mounted = try await run(Command("/bin/mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", folder]))
            try #require(mounted.status.isSuccess, "\(mounted.errorTail)")
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await fillAndAppend(folder)) } catch { outcome = .failure(error) }
            _ = try await run(Command("/bin/umount", ["-l", folder]))
            try outcome.get()
        }
    }

    private static let mountingMissing: String? = {
        let status = String(decoding: (try? Files.read("/proc/self/status", limit: 1 << 20)) ?? [], as: UTF8.self)
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let rights = line.flatMap { UInt64($0.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16) } ?? 0
        return rights & 1 << 21 == 0 ? "mounting a small disk takes the capability CAP_SYS_ADMIN" : nil
    }()

    private func fillAndAppend(_ folder: String) async throws {
        let ours = try await store(in: folder).create(run)
        _ = try? await write([UInt8](repeating: 0, count: 8 << 20), to: folder + "/filler")
        _ = try await run(Command("/bin/dd", ["if=/dev/zero", "of=\(folder)/filler", "bs=4k"]))
        try await ours.append([UInt8](repeating: 65, count: 500 << 10))
        let failure = await #expect(throws: Failure.self) {
            while true {
                try await ours.append([UInt8](repeating: 66, count: 100 << 10))
            }
        }
        #expect(failure?.kind == .journal)
        #expect(failure?.hint == "free some space: nothing is done without a journal; the setting 'state' moves the state folder elsewhere")
        let lines = try await ours.read().split(separator: 10)
        #expect(lines.dropFirst().allSatisfy { $0.count == 100 << 10 }, "no torn line")
        await ours.close()
    }

    @Test func scratchGoesAlone() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            let scratch = try await ours.scratch()
            #expect(try await ours.scratch() == scratch)
            try await write([1], to: scratch + "/x")
            try await ours.removeScratch()
            try await ours.removeScratch()
            #expect(await !isThere(scratch))
            #expect(try await ours.read() == [])
            await ours.close()
        }
    }

    @Test func scratchOfRunsAtWorkAndOfSparedOnesIsNoLeftover() async throws {
        try await withRuns { runs, _ in
            let ids = ["1-alive", "2-spared", "3-left", "4-clean"].map { RunID(rawValue: $0) }
            var folders: [any RunFolder] = []
            for id in ids { folders.append(try await runs.create(id)) }
            for folder in folders.dropLast() { _ = try await folder.scratch() }
            for folder in folders.dropFirst() {
                try await folder.append(Array("{}\n".utf8))
                await folder.close()
            }

            let leftovers = try await runs.leftovers(sparing: [ids[1]])
            #expect(leftovers == [Leftover(kind: "scratch folder", name: "3-left", run: ids[2], words: "temporary files of run 3-left")])
            for leftover in leftovers { try await runs.remove(leftover) }
            #expect(await !isThere(folders[2].path + "/scratch"))
            let alive = Leftover(kind: "scratch folder", name: "1-alive", run: ids[0], words: "")
            #expect(await #expect(throws: Failure.self) { try await runs.remove(alive) }?.kind == .lockHeld)
            #expect(await isThere(folders[0].path + "/scratch"))
            await folders[0].close()
        }
    }

    @Test func theFolderOfARunThatDiedBeforeItsFirstLineIsALeftover() async throws {
        try await withRuns { runs, _ in
            let torn = try await runs.create(run)
            let words = "folder of run \(run), which died before it had done anything"
            #expect(try await runs.leftovers(sparing: []) == [], "it is alive")
            await torn.close()
            try await blocking { _ in try AppendFile.open(torn.path + "/journal.jsonl").append(Array("{\"seq\":1".utf8)) }
            let leftover = Leftover(kind: "run folder", name: run.rawValue, run: run, words: words)
            #expect(try await runs.leftovers(sparing: []) == [leftover])
            try await runs.remove(leftover)
            #expect(await !isThere(torn.path))
        }
    }

    @Test func aRunThatHasBegunSinceKeepsItsFolder() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            await ours.close()
            let leftover = try #require(try await runs.leftovers(sparing: []).first)
            let again = try await runs.open(run)
            try await again.append(Array("{}\n".utf8))
            await again.close()
            try await runs.remove(leftover)
            #expect(await isThere(again.path))
        }
    }

    @Test func aFolderWithoutAJournalIsALeftoverWhenItIsOldEnough() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            await ours.close()
            try await blocking { _ in _ = try Files.removeFile(ours.path + "/journal.jsonl") }
            let now = time.now.millisecondsSince1970 / 1000
            for (age, leftovers) in [(59, []), (60, ["run folder"])] {
                #expect(try await run(Command("/usr/bin/touch", ["--date=@\(now - Int64(age))", ours.path])).status.isSuccess)
                #expect(try await runs.leftovers(sparing: []).map(\.kind) == leftovers)
            }
        }
    }

    @Test func aStateFolderThatCannotBeWrittenIsSaidWithTheWayOut() async throws {
        let runs = RunFolderStore(stateFolder: "/proc/state", setting: "the setting 'state'", owner: .us, time: time)
        let failure = await #expect(throws: Failure.self) { try await runs.create(run) }
        #expect(failure?.kind == .journal)
        #expect(failure?.problem.hasPrefix("cannot start the journal of run \(run): cannot make folder /proc/state: ") == true)
    }

    @Test func whatIsClosedIsClosed() async throws {
        try await withRuns { runs, _ in
            let ours = try await runs.create(run)
            await ours.close()
            await ours.close()
            #expect(await #expect(throws: Failure.self) { try await ours.append([65]) }?.kind == .bug)
        }
    }

    private func allocatedKiB(_ path: String) async throws -> Int {
        let result = try await run(Command("/usr/bin/du", ["-k", path]))
        return Int(result.outputText.prefix { $0.isNumber }) ?? 0
    }

    private func run(_ command: Command) async throws -> CommandResult { try await Bindings.run(command) }
}
