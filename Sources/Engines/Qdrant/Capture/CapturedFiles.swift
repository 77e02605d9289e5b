import Bindings
import Recovery

/// The files that one collection is captured into, until all of them are whole.
final class CapturedFiles {
    private let folder: String
    private(set) var all: [(path: String, key: String)] = []

    init(folder: String) { self.folder = folder }

    /// A path that is free, for what is called `key` in the backup.
    func add(_ key: String) -> String {
        let path = "\(folder)/part-\(randomHex(6))"
        all.append((path, key))
        return path
    }

    /// Those that are there.
    func remove() async {
        let paths = all.map(\.path)
        await blocking { _ in for path in paths { _ = try? Files.removeFile(path) } }
    }
}
