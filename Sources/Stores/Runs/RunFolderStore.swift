import Bindings
import Recovery

/// The folders of all runs of this host: `STATE/runs/RUN/` with the journal, reports and temporary files of one run each.
package struct RunFolderStore: RunFolders {
    private let runs: String
    package let stateFolder: String
    private let setting: String
    private let owner: Owner
    private let time: any TimeSource

    /// - Parameters:
    ///   - setting: what moves the state folder, for hints: `the setting 'state' in lifeboat.yaml`.
    ///   - owner: us, for those who find a run at work.
    package init(stateFolder: String, setting: String, owner: Owner, time: any TimeSource) {
        self.stateFolder = stateFolder
        runs = stateFolder + "/runs"
        self.setting = setting
        self.owner = owner
        self.time = time
    }

    package func create(_ run: RunID) async throws -> any RunFolder {
        let path = try checkedPath(of: run)
        return try await journalling("start the journal of run \(run)") {
            try Files.makeFolders(runs)
            do {
                try Files.makeFolder(path)
            } catch let error as FileError where error.reason == .exists {
                throw Failure(.journal, "there is a run \(run) already, in \(path)", hint: "start again: the next run gets another name")
            }
            do {
                let lock = try lock(run, at: path)
                let journal = try AppendFile.create(OpenRunFolder.journal(in: path))
                let folder = OpenRunFolder(path: path, journal: journal, lock: lock, words: words, size: 0)
                try folder.reserve()
                try journal.sync()
                for folder in [path, runs, stateFolder] { try Files.syncFolder(folder) }
                return folder
            } catch {
                _ = try? Files.removeTree(path)
                throw error
            }
        }
    }

    package func open(_ run: RunID) async throws -> any RunFolder {
        let path = try checkedPath(of: run)
        return try await journalling("open the journal of run \(run)") {
            guard try Files.status(of: OpenRunFolder.journal(in: path)) != nil else { throw missing(run) }
            let lock = try lock(run, at: path)
            let journal = try AppendFile.open(OpenRunFolder.journal(in: path))
            let folder = OpenRunFolder(path: path, journal: journal, lock: lock, words: words, size: try journal.size())
            try folder.reserve()
            return folder
        }
    }

    package func list() async throws -> [RunID] {
        try await journalling("list the runs") {
            guard try Files.status(of: runs) != nil else { return [] }
            return try Files.list(runs).filter { entry in
                try entry.nameIsExact && entry.status.kind == .folder
                    && Files.status(of: OpenRunFolder.journal(in: "\(runs)/\(entry.name)")) != nil
            }.map { RunID(rawValue: $0.name) }
        }
    }

    package func journal(of run: RunID) async throws -> [UInt8] {
        let path = OpenRunFolder.journal(in: try checkedPath(of: run))
        return try await journalling("read the journal of run \(run)") {
            do {
                return try Files.read(path, limit: OpenRunFolder.largestJournal)
            } catch let error as FileError where error.reason == .missing {
                throw missing(run)
            }
        }
    }

    package func path(of run: RunID) -> String { "\(runs)/\(run)" }

    /// Tries whether a run could begin here. Throws `Failure(.journal)`.
    package func tryOut() async throws {
        try await journalling("write journals") {
            try Files.makeFolders(runs)
            let probe = "\(stateFolder)/.doctor-\(owner.pid)"
            do { try AppendFile.create(probe).reserve(OpenRunFolder.room) } catch {
                _ = try? Files.removeFile(probe)
                throw error
            }
            try Files.removeFile(probe)
        }
    }

    /// Gives up a run whose journal cannot be read: its temporary files are gone, the journal is kept under another name, which is
    /// returned, and nobody takes it for a run any more.
    package func setAside(_ run: RunID) async throws -> String {
        let path = try checkedPath(of: run)
        return try await journalling("give up run \(run)") {
            let lock = try lock(run, at: path)
            try Files.removeTree(OpenRunFolder.scratch(in: path))
            let kept = "\(path)/journal.unreadable"
            try Files.publish(from: OpenRunFolder.journal(in: path), to: kept)
            lock.release()
            return kept
        }
    }
}

extension RunFolderStore {
    /// What runs that are not at work any more have left: temporary files, and folders of those that died before their first line was
    /// written. Runs in `spared` can still be resumed and keep theirs.
    package func leftovers(sparing spared: Set<RunID>) async throws -> [Leftover] {
        try await journalling("look for leftovers") {
            guard try Files.status(of: runs) != nil else { return [] }
            return try Files.list(runs).compactMap { entry in
                let run = RunID(rawValue: entry.name)
                guard entry.nameIsExact, entry.status.kind == .folder, StoreKey.isComponent(entry.name, inRoot: true),
                    !spared.contains(run), let leftover = try leftover(of: run, made: entry.status.modified),
                    case .taken(let lock) = try attemptLock(run, at: path(of: run))
                else { return nil }
                lock.release()
                return leftover
            }
        }
    }

    /// Blocks.
    private func leftover(of run: RunID, made: WallTime) throws -> Leftover? {
        let path = path(of: run)
        let began = try hasBegun(run)
        // Without a journal it is being made this very moment, or was when its process died.
        if began == nil, time.now.millisecondsSince1970 / 1000 - made.secondsSince1970 < Self.beingMade { return nil }
        guard began == true else {
            return Leftover(
                kind: Self.emptyKind, name: run.rawValue, run: run, words: "folder of run \(run), which died before it had done anything")
        }
        guard try Files.status(of: OpenRunFolder.scratch(in: path)) != nil else { return nil }
        return Leftover(kind: Self.leftoverKind, name: run.rawValue, run: run, words: "temporary files of run \(run)")
    }

    /// Whether its first event is on disk: before that, a run does nothing. Nil when there is no journal. Blocks.
    private func hasBegun(_ run: RunID) throws -> Bool? {
        let journal = OpenRunFolder.journal(in: path(of: run))
        guard try Files.status(of: journal) != nil else { return nil }
        return try Files.read(journal, limit: OpenRunFolder.largestJournal).contains(UInt8(ascii: "\n"))
    }

    package func remove(_ leftover: Leftover) async throws {
        guard leftover.kind == Self.leftoverKind || leftover.kind == Self.emptyKind else {
            throw Failure(.bug, "'\(leftover.name)' is a \(leftover.kind), which runs do not leave behind")
        }
        let run = RunID(rawValue: leftover.name)
        let path = try checkedPath(of: run)
        try await journalling("remove the \(leftover.words)") {
            let lock = try lock(run, at: path)
            if leftover.kind == Self.leftoverKind {
                try Files.removeTree(OpenRunFolder.scratch(in: path))
            } else if try hasBegun(run) != true {
                try Files.removeTree(path)
            }
            lock.release()
        }
    }

    private static let emptyKind = "run folder"
    /// Seconds that the making of a folder may take.
    private static let beingMade = 60
    private static let leftoverKind = "scratch folder"

    private func checkedPath(of run: RunID) throws -> String {
        guard StoreKey.isComponent(run.rawValue, inRoot: true) else {
            throw Failure(.notFound, "'\(run)' cannot be the name of a run", hint: "`lifeboat report` lists the runs there are")
        }
        return path(of: run)
    }

    private func missing(_ run: RunID) -> Failure {
        Failure(.notFound, "there is no run \(run) in \(runs)", hint: "runs are kept on the host they ran on; \(setting) says where")
    }

    private func attemptLock(_ run: RunID, at path: String) throws -> FileLock.Attempt {
        try FileLock.take("\(path)/lock", .exclusive, holder: "process \(owner.pid) on \(owner.host) since \(time.now)")
    }

    private func lock(_ run: RunID, at path: String) throws -> FileLock {
        switch try attemptLock(run, at: path) {
        case .taken(let lock): return lock
        case .held(let holder):
            throw Failure(
                .lockHeld, "run \(run) is at work: its journal is held by \(holder.isEmpty ? "another process" : holder)",
                hint: "wait until it is finished; when its process ends, however that happens, the run is free")
        }
    }

    private var words: JournalWords { JournalWords(stateFolder: stateFolder, setting: setting) }

    private func journalling<Result: Sendable>(_ attempt: String, _ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await words.journalling(attempt, body)
    }
}
