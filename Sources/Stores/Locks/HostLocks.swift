import Bindings
import Recovery

/// Locks that everybody on this host sees, whatever their account: kernel locks on files in one shared folder.
///
/// They go with the process that holds them. Hosts, and containers with folders of their own, do not see each other's.
package struct HostLocks: Locks {
    package static let standardFolder = "/run/lock/lifeboat"

    private let folder: String
    private let owner: Owner
    private let digests: any Digesting
    private let time: any TimeSource

    package init(folder: String = HostLocks.standardFolder, owner: Owner, digests: any Digesting, time: any TimeSource) {
        self.folder = folder
        self.owner = owner
        self.digests = digests
        self.time = time
    }

    package func take(_ keys: [String], _ mode: LockMode, as holder: String) async throws -> any HeldLocks {
        let held = HeldHostLocks(locks: self, mode: mode, holder: holder)
        try await held.add(keys)
        return held
    }

    /// All or none, in one order for everybody: two who want the same keys cannot each get half of them.
    func takeFiles(_ keys: Set<String>, _ mode: LockMode, as holder: String) async throws -> [String: FileLock] {
        let words = "\(holder) (\(owner.host), pid \(owner.pid)) since \(time.now)"
        return try await blocking { _ in
            do {
                try prepareFolder()
                var taken: [String: FileLock] = [:]
                for key in keys.sorted(by: StoreKey.isBefore) {
                    switch try FileLock.take(path(of: key), mode == .shared ? .shared : .exclusive, holder: words) {
                    case .taken(let lock): taken[key] = lock
                    case .held(let other):
                        for lock in taken.values { lock.release() }
                        throw Failure(
                            .lockHeld, "\(key) is in use: held by \(other.isEmpty ? "another process" : other)",
                            hint: "wait until that is finished; a lock goes with the process that holds it")
                    }
                }
                return taken
            } catch let error as FileError {
                throw error.asFailure(
                    .localStorage, "cannot lock \(keys.sorted().joined(separator: ", "))", where: folder, hint: Self.makeIt(folder))
            }
        }
    }

    private static func makeIt(_ folder: String) -> String {
        "all accounts that run lifeboat on this host share this folder; as root: install -d -m 1777 \(folder)"
    }

    private func prepareFolder() throws {
        if try Files.status(of: folder) == nil {
            do throws(FileError) {
                try Files.makeFolder(folder, mode: 0o1777)
                // Against our umask.
                try Files.changeMode(of: folder, to: 0o1777)
            } catch {
                guard error.reason == .exists else { throw error }
            }
        }
        let status = try Files.status(of: folder)
        guard let status, status.kind == .folder else {
            throw Failure(.localStorage, "the folder for locks \(folder) is no folder", hint: Self.makeIt(folder))
        }
        let isShared = status.mode & 0o1777 == 0o1777
        let isOurs = status.owner == UserAccount.current.uid && status.mode & 0o022 == 0
        guard isShared || isOurs else {
            throw Failure(
                .localStorage,
                "the folder for locks \(folder) is not shared by the accounts of this host (mode \(String(status.mode, radix: 8)), owner \(status.owner)): "
                    + "two of them could work on one server without seeing each other",
                hint: Self.makeIt(folder))
        }
    }

    private func path(of key: String) -> String {
        var name = ""
        for byte in key.utf8 {
            let letter = Character(UnicodeScalar(byte))
            if byte < 128, letter.isLetter || letter.isNumber || letter == "-" || letter == "_" {
                name.append(letter)
            } else if letter == ".", !name.isEmpty {
                name.append(letter)
            } else {
                name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        if name.utf8.count > 200 { name = name.prefix(100) + "%" + digests.sha256(Array(key.utf8)) }
        return "\(folder)/\(name).lock"
    }
}

/// Keys taken by one operation.
actor HeldHostLocks: HeldLocks {
    private let locks: HostLocks
    private let mode: LockMode
    private let holder: String
    private var taken: [String: FileLock] = [:]

    init(locks: HostLocks, mode: LockMode, holder: String) {
        self.locks = locks
        self.mode = mode
        self.holder = holder
    }

    func add(_ keys: [String]) async throws {
        let new = Set(keys).subtracting(taken.keys)
        guard !new.isEmpty else { return }
        taken.merge(try await locks.takeFiles(new, mode, as: holder)) { held, _ in held }
    }

    func release() {
        for lock in taken.values { lock.release() }
        taken = [:]
    }
}
