import Bindings
import Documents
import Recovery

/// Lets in only what a server would unpack: plain files and folders, inside of where it unpacks, each once.
struct EntryNames {
    private let archive: String
    /// What the archive is, in words.
    private let what: String
    private var seen: Set<[String]> = []
    private var count = 0

    /// A collection of a terabyte has some ten thousand.
    static let limit = 250_000
    private static let longest = 1024

    init(of archive: String, as what: String = "snapshot") {
        self.archive = archive
        self.what = what
    }

    /// The parts of its name; nil for the folder that all is in.
    mutating func admit(_ entry: ArchiveEntry) throws -> [String]? {
        count += 1
        guard count <= Self.limit else { throw refused("it has more than \(Self.limit) entries") }
        let called = entry.name.quoted
        switch entry.kind {
        case .file, .folder: break
        case .link: throw refused("its entry \(called) is a link, which no \(what) has")
        case .other: throw refused("its entry \(called) is a device or a pipe, which no \(what) has")
        }
        guard entry.name.utf8.count <= Self.longest else { throw refused("the name of its entry \(called) is too long") }
        guard !entry.name.hasPrefix("/") else { throw refused("its entry \(called) has an absolute name") }
        let parts = entry.name.split(separator: "/").map(String.init).filter { $0 != "." }
        guard !parts.contains("..") else { throw refused("its entry \(called) leads out of the folder it is unpacked in") }
        guard !parts.isEmpty else { return nil }
        // tar repeats folders when it adds to an archive.
        guard entry.kind == .folder || seen.insert(parts).inserted else { throw refused("its entry \(called) is there twice") }
        return parts
    }

    private func refused(_ reason: String) -> Failure {
        Failure(
            .damaged, "\(what) \(archive) is not to be trusted: \(reason)",
            hint: "no server wrote this; do not unpack it, find out where it came from")
    }
}
