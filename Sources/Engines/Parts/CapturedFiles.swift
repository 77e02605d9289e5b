import Bindings
import Recovery
import Synchronization

/// The files that something is captured into, until all of them are whole.
final class CapturedFiles: Sendable {
    private let folder: String
    private let files = Mutex<[(path: String, key: String)]>([])

    init(folder: String) { self.folder = folder }

    var all: [(path: String, key: String)] { files.withLock { $0 } }

    /// A path that is free, for what is called `key` in the backup.
    func add(_ key: String) -> String {
        let path = "\(folder)/part-\(randomHex(6))"
        take(path, as: key)
        return path
    }

    /// One that is there already.
    func take(_ path: String, as key: String) { files.withLock { $0.append((path, key)) } }

    /// Those that are there.
    func remove() async {
        let paths = all.map(\.path)
        await blocking { _ in for path in paths { _ = try? Files.removeFile(path) } }
    }
}
