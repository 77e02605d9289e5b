import Bindings
import FoundationEssentials
import Glibc
import Recovery
import Synchronization
import TestSupport

/// One run from its beginning to its last resume, however often it is killed: state, servers and temporary files of its own.
struct Life: Sendable {
    let folder: String
    let lifeboat: TestSupport.Program
    private let engine: String?

    init(_ name: String, at site: any CrashPlace) async throws {
        folder = "\(site.folder)/\(name)"
        var program = site.lifeboat
        program.environment["LIFEBOAT_STATE"] = "\(folder)/state"
        program.environment["LIFEBOAT_SERVERS"] = "\(folder)/servers"
        program.environment["TMPDIR"] = "\(folder)/tmp"
        lifeboat = program
        engine = program.environment["DOCKER_HOST"]
        try await blocking { [folder] _ in
            try Files.makeFolder(folder, mode: 0o711)
            try Files.makeFolder("\(folder)/tmp")
        }
    }

    func start(_ arguments: [String]) async throws -> RunningProgram {
        try await RunningProgram.start(lifeboat, arguments, log: "\(folder)/log")
    }

    /// Another program in this life's environment, which will become ours.
    func under(_ path: String) -> TestSupport.Program {
        var program = lifeboat
        program.path = path
        return program
    }

    // MARK: The journal

    /// The newest run that has begun; nil while there is none. One that died before its first line may lie there too, with a name of the
    /// same second.
    func run() async throws -> RunID? {
        try await blocking { [folder] _ in
            guard try Files.status(of: "\(folder)/state/runs") != nil else { return nil }
            let names = try Files.list("\(folder)/state/runs").map(\.name).filter { name in
                try Files.status(of: "\(folder)/state/runs/\(name)/journal.jsonl").map { $0.bytes > 0 } ?? false
            }
            return names.max().map(RunID.init(rawValue:))
        }
    }

    /// What stands in the name of whatever is ours: our folder, and our runs.
    func names() async throws -> [String] { [folder] + runNames() }

    func runNames() -> [String] { ((try? Files.list("\(folder)/state/runs")) ?? []).map(\.name) }

    /// Containers, networks and volumes of this life that are there; of volumes also those that an engine made without our labels.
    func things() async throws -> [String] {
        let ours = try await TestDocker.things(labelled: "io.lifeboat.state=\(folder)/state", at: engine)
        let runs = runNames()
        let volumes = try await TestDocker.volumes(at: engine).filter { name in runs.contains { name.hasPrefix("lifeboat-\($0)-") } }
        return ours + volumes.map { "volume \($0)" }.filter { !ours.contains($0) }
    }

    /// What lies among the runs, for whoever looks for the reason of a failure.
    func folders() async throws -> [String] {
        try await blocking { [folder] _ in
            try Files.list("\(folder)/state/runs").map { entry in
                "\(entry.name): \(((try? Files.list("\(folder)/state/runs/\(entry.name)")) ?? []).map(\.name))"
            }
        }
    }

    private func journalPath() async throws -> String? { try await run().map { "\(folder)/state/runs/\($0)/journal.jsonl" } }

    func journal() async throws -> [JournalLine] {
        guard let run = try await run(), let path = try await journalPath(), await isThere(path) else { return [] }
        return try JournalReader.read(try await read(path), of: run).lines
    }

    /// Leaves the beginning of a line there, as a write leaves it that a crash has cut off. Returns its length.
    func tearJournal() async throws -> Int {
        guard let path = try await journalPath() else { return 0 }
        let bytes = try await read(path)
        guard let last = bytes.split(separator: UInt8(ascii: "\n")).last else { return 0 }
        let part = Array(last.prefix(last.count / 2))
        try await blocking { _ in try AppendFile.open(path).append(part) }
        return part.count
    }

    // MARK: Killing

    /// Kills it as soon as its journal holds that many whole lines. Returns how many they were in the end; nil when it ended before.
    func kill(_ program: RunningProgram, atLine n: Int) async throws -> Int? {
        let seen = Mutex(JournalTail())
        return try await kill(program) { runs in
            guard let run = runs.first else { return false }
            return n == 0 || seen.withLock { $0.lines(in: "\(run)/journal.jsonl") >= n }
        }
    }

    /// Kills it as soon as it is seen to do something.
    func kill(_ program: RunningProgram, when isDue: @escaping @Sendable (_ runs: [String]) -> Bool) async throws -> Int? {
        await watch(program, until: isDue) { program.send(SIGKILL) }
        try Task.checkCancellation()
        guard try await program.waitForExit() == .signalled(SIGKILL) else { return nil }
        guard let path = try await journalPath() else { return 0 }
        var tail = JournalTail()
        return tail.lines(in: path)
    }

    /// Waits until it is seen to do something, or has ended, and then acts at once.
    ///
    /// - Parameter isDue: gets the folders of runs; looked at over and over, on a thread of its own.
    func watch(
        _ program: RunningProgram, until isDue: @escaping @Sendable (_ runs: [String]) -> Bool,
        then act: @escaping @Sendable () -> Void = {}
    ) async {
        await blocking { [folder] flag in
            while program.isRunning, !flag.isRaised {
                let runs = (try? Files.list("\(folder)/state/runs"))?.map { "\(folder)/state/runs/\($0.name)" } ?? []
                if isDue(runs) { break }
                // Who is watched needs the processor too.
                usleep(300)
            }
            act()
        }
    }

    /// Waits until pg_restore waits for the gate.
    func watchUntilItRestores(_ program: RunningProgram) async { await watch(program, until: { _ in isBuildingIndexes }) }

    /// Waits until that step has begun.
    func watch(_ program: RunningProgram, untilItBegins path: String) async {
        let word = "\"path\":\"\(path)\""
        await watch(program) { runs in
            guard let run = runs.first, let text = try? String(contentsOfFile: "\(run)/journal.jsonl", encoding: .utf8) else {
                return false
            }
            return text.split(separator: "\n").contains { $0.contains("step.started") && $0.contains(word) }
        }
    }

    /// Counts the whole lines of a journal while it grows.
    struct JournalTail {
        private var bytes: Int64 = 0
        private var lines = 0

        mutating func lines(in journal: String) -> Int {
            guard let status = try? Files.status(of: journal), status.bytes > bytes,
                let new = try? Files.read(journal, from: bytes, count: Int(status.bytes - bytes))
            else { return lines }
            bytes += Int64(new.count)
            lines += new.count { $0 == UInt8(ascii: "\n") }
            return lines
        }
    }

    /// The processes of this life: it is named in what they were called with.
    func processes(called name: String? = nil, naming words: String? = nil) -> [String] {
        Self.processes(naming: words ?? folder, called: name)
    }

    static func processes(naming folder: String, called name: String? = nil) -> [String] {
        let all = (try? Files.list("/proc"))?.filter { $0.name.allSatisfy(\.isNumber) } ?? []
        return all.compactMap { entry in
            guard let words = try? Data(contentsOf: URL(filePath: "/proc/\(entry.name)/cmdline")) else { return nil }
            let line = String(decoding: words, as: UTF8.self).replacing("\0", with: " ")
            guard line.contains(folder),
                name.map({ line.split(separator: " ").first?.split(separator: "/").last.map(String.init) == $0 }) ?? true
            else {
                return nil
            }
            return "\(entry.name): \(line)"
        }
    }

    /// Whether its restore has come to the indexes, of which one waits for the gate: pg_restore is called with a list that names it.
    var isBuildingIndexes: Bool {
        let lists = processes(called: "pg_restore").compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("--use-list=") }.map { String($0.dropFirst("--use-list=".count)) }
        }
        return lists.contains { list in
            ((try? String(contentsOfFile: list, encoding: .utf8)) ?? "").contains(" INDEX lending ")
        }
    }

    // MARK: Afterwards

    func hasReports() async throws -> Bool {
        guard let run = try await run() else { return false }
        for name in ["report.html", "report.json"] where await !isThere("\(folder)/state/runs/\(run)/\(name)") { return false }
        return true
    }

    /// Everything of this life that is still there, the run's journal and reports excepted.
    func leftovers() async throws -> [String] {
        var left = processes()
        left += try await blocking { [folder] _ in
            var found: [String] = []
            for name in ["servers", "tmp"] where try Files.status(of: "\(folder)/\(name)") != nil {
                found += try Files.list("\(folder)/\(name)").map { "\(folder)/\(name)/\($0.name)" }
            }
            guard try Files.status(of: "\(folder)/state/runs") != nil else { return found }
            for run in try Files.list("\(folder)/state/runs") {
                let scratch = "\(folder)/state/runs/\(run.name)/scratch"
                if try Files.status(of: scratch) != nil { found.append(scratch) }
            }
            return found
        }
        return left
    }
}
