import Bindings
import Recovery

/// Whether a server may be at work on a storage folder. What is copied or renamed under a server is no backup, and no recovery.
struct LiveStorage: Sendable {
    let client: QdrantClient

    /// Throws `Failure(.refused)` when it is, or may be. What could not be looked at, in words.
    func refuse(_ folders: [StorageFolder], to verb: String) async throws -> [String] {
        let what = folders.first?.path ?? ""
        switch await answer() {
        case .none: break
        case .something:
            throw Failure(
                .refused, "cannot \(verb) \(what): \(client.server.words) answers, so the folder is live", hint: Self.stopIt)
        case .silence:
            throw Failure(
                .refused, "cannot \(verb) \(what): \(client.server.words) neither answers nor refuses, and may be at work on the folder",
                hint: Self.stopIt)
        }
        return try await refuseOpen(folders, to: verb)
    }

    /// The half of it that asks no server.
    func refuseOpen(_ folders: [StorageFolder], to verb: String) async throws -> [String] {
        let what = folders.first?.path ?? ""
        let found: OpenFiles.Found
        do {
            found = try await blocking { flag in
                var files: Set<OpenFiles.Identity> = []
                for folder in folders where try Files.status(of: folder.path)?.kind == .folder {
                    for entry in try FolderTree.list(folder.path, until: flag) where entry.status.kind != .folder {
                        files.insert(OpenFiles.Identity(entry.status))
                    }
                }
                return try OpenFiles.holders(of: files, until: flag)
            }
        } catch let error as FileError { throw (folders.first ?? StorageFolder(path: "/")).unreadable(error) }
        if let holder = found.holders.first {
            let others = found.holders.count == 1 ? "" : " and \(found.holders.count - 1) more"
            throw Failure(
                .refused, "cannot \(verb) \(what): process \(holder.pid) (\(holder.program))\(others) has files in it open",
                hint: Self.stopIt)
        }
        var notes: [String] = []
        if found.unseen > 0 {
            notes.append(
                "what \(found.unseen) processes of other accounts have open could not be looked at: only root sees whether one of them uses \(what)"
            )
        }
        if ThisProcess.namespace != nil {
            notes.append("lifeboat runs in a container, and cannot see whether a process outside of it uses \(what)")
        }
        return notes
    }

    private static let stopIt =
        "stop the server first (docker stop, systemctl stop), so that it writes down what it holds and lets go of its files"

    enum Answer { case none, something, silence }

    /// What it means that nobody answered.
    static func meaning(of error: HTTPError) -> Answer {
        switch error.kind {
        // A name that leads nowhere says nothing about the server (libcurl: "Could not resolve host").
        case .unreachable: error.message.lowercased().contains("resolve") ? .silence : .none
        case .timedOut: .silence
        default: .something
        }
    }

    /// Any answer will do, also one that is no HTTP.
    private func answer() async -> Answer {
        do {
            _ = try await client.root()
            return .something
        } catch let failure as Failure {
            return (failure.cause as? HTTPError).map(Self.meaning) ?? .something
        } catch { return .something }
    }
}
