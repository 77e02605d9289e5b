import Bindings
import Recovery

/// The folder that holds the folders of all servers on this host, ours and others'.
struct WorkFolder: Sendable {
    let path: String
    let digests: any Digesting

    private static let another = "name another folder (`servers:` in the configuration, or $LIFEBOAT_SERVERS)"

    /// Makes it if it is missing, and looks whether it can be trusted: in a folder like /tmp somebody else may have been first.
    func prepare() async throws {
        let us = UserAccount.current
        try await working("make the work folder") {
            // Others may pass, not look around: servers run under another account than we do.
            try Files.makeFolders(path, mode: us.uid == 0 ? 0o711 : 0o700)
            guard let status = try Files.status(of: path + "/."), status.owner == us.uid, status.mode & 0o022 == 0 else {
                throw Failure(
                    .environmentUnavailable, "the work folder \(path) cannot be trusted: others than '\(us.name)' may write there",
                    hint: "remove it, or \(Self.another)")
            }
        }
    }

    /// A new place, with its mark, and its folder if wanted: empty, mode 0700, of that account, which can reach it.
    func makePlace(for mark: OwnerMark, withFolder: Bool = true, ownedBy account: UserAccount?) async throws -> ServicePlace {
        let place = ServicePlace(named: ServicePlace.name(for: mark.service, random: digests.randomName(8)), in: path)
        let bytes = try CanonicalJSON.encode(mark)
        do {
            try await working("make a folder for '\(mark.service)'") {
                try Files.create(place.mark, bytes)
                guard withFolder else { return }
                try Files.makeFolder(place.folder)
                if let account { try Files.changeOwner(of: place.folder, to: account) }
            }
            if withFolder, let account { try await check(that: account, canEnter: place.folder) }
        } catch {
            try? await remove(place)
            throw error
        }
        return place
    }

    /// A file of that account that nobody else can read.
    func write(_ content: Secret, to file: String, ownedBy account: UserAccount?) async throws {
        let bytes = content.reveal { Array($0.utf8) }
        try await working("write \(file)") {
            try Files.create(file, bytes)
            if let account { try Files.changeOwner(of: file, to: account) }
        }
    }

    func remove(_ place: ServicePlace) async throws {
        try await working("remove \(place.folder)") {
            for path in place.everything { try Files.removeTree(path) }
        }
    }

    /// All marks that can be read, by the name of their place. What has none, or one of a newer lifeboat, is nobody's to remove.
    func marks() async throws -> [(name: String, mark: OwnerMark)] {
        try await working("look for leftovers") {
            guard try Files.status(of: path + "/.") != nil else { return [] }
            return try Files.list(path).compactMap { entry in
                guard entry.nameIsExact, entry.status.kind == .file, entry.name.hasSuffix(OwnerMark.suffix),
                    let bytes = try? Files.read("\(path)/\(entry.name)", limit: 64 << 10),
                    let mark = try? CanonicalJSON.decode(OwnerMark.self, from: bytes), mark.format <= OwnerMark.currentFormat
                else { return nil }
                return (String(entry.name.dropLast(OwnerMark.suffix.count)), mark)
            }
        }
    }

    /// Only trying it tells: it takes rights on every folder above.
    private func check(that account: UserAccount, canEnter folder: String) async throws {
        do {
            _ = try await Bindings.run(Command("/bin/true", workingFolder: folder, runAs: account))
        } catch let error as ProcessError where error.reason == .workingFolderUnreadable {
            throw Failure(
                .environmentUnavailable, "the account '\(account.name)', which servers run as, cannot reach the work folder \(path)",
                hint:
                    "\(Self.another) whose parent folders everybody may pass (chmod o+x), for example below /var/lib", cause: error)
        }
    }

    private func working<Result: Sendable>(_ attempt: String, _ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await blocking { _ in
            do { return try body() } catch let error as FileError {
                throw Failure(
                    error.isOutOfSpace ? .localStorage : .environmentUnavailable, "cannot \(attempt) in \(path): \(error)",
                    hint: error.isOutOfSpace
                        ? "free some space on the disk of \(path)"
                        : "\(Self.another), or let '\(UserAccount.current.name)' write there")
            }
        }
    }
}
