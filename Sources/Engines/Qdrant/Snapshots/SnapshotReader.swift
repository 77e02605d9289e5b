import Bindings
import Documents
import Recovery

/// Walks through a snapshot's archive and puts together what it says.
enum SnapshotReader {
    static func read(_ path: String, _ thoroughness: QdrantSnapshot.Thoroughness, _ flag: CancellationFlag) throws -> QdrantSnapshot {
        do {
            let archive = try ArchiveReader(path, hashing: thoroughness == .whole, until: flag)
            var contents = SnapshotContents(path, thoroughness)
            do {
                try contents.read(archive)
            } catch let error as ArchiveError
                where error.path == path && (error.reason == .notAnArchive || archive.beginning.allSatisfy { $0 == 0 })
            {
                throw ForeignFile.failure(path, archive.beginning, archive.size) ?? damaged(error)
            }
            return try contents.snapshot(bytes: archive.size, sha256: archive.sha256)
        } catch let error as ArchiveError {
            throw damaged(error)
        } catch let error as FileError {
            throw unreadable(path, error)
        }
    }

    private static func damaged(_ error: ArchiveError) -> Failure {
        switch error.reason {
        case .truncated:
            Failure(
                .damaged, "snapshot \(error.description)",
                hint: "the disk was full or the transfer ended too early: compare its size with the original's, copy it again")
        case .failed: Failure(.localStorage, "cannot read snapshot \(error.path)", cause: error)
        default: Failure(.damaged, "snapshot \(error.description)", hint: Self.another)
        }
    }

    static let another = "compare it with the original by SHA-256 and copy it again, or choose another backup"

    private static func unreadable(_ path: String, _ error: FileError) -> Failure {
        switch error.reason {
        case .missing, .notAFolder:
            Failure(.notFound, "there is no file \(path)", hint: "a relative path begins where lifeboat was started")
        case .isAFolder:
            Failure(
                .unfit, "\(path) is a folder: a snapshot of Qdrant is one file",
                hint: "name the file inside of it; a copied storage folder is no snapshot")
        case .notAFile: Failure(.unfit, "\(path) is no regular file", cause: error)
        default: Failure(.localStorage, "cannot read \(path)", cause: error)
        }
    }
}
