import Bindings
import FoundationEssentials
import Recovery

/// Everything the demo writes lies in one folder, which is gone at the end; only the report is kept.
struct DemoFolder: Sendable {
    let path: String
    /// The checkout, as an absolute path.
    let checkout: String

    init(checkout: String, environment: [String: String]) throws {
        let absolute = checkout.hasPrefix("/") ? checkout : "\(FileManager.default.currentDirectoryPath)/\(checkout)"
        self.checkout = absolute.hasSuffix("/.") ? String(absolute.dropLast(2)) : absolute
        guard try Files.status(of: "\(self.checkout)/drills/monthly.yaml") != nil else {
            throw Failure(
                .notFound, "there is no drills/monthly.yaml in \(self.checkout)",
                hint: "the demo plays the shipped drill: run it from a checkout, best by `make demo`, or name one with --folder")
        }
        path = "\(environment["TMPDIR"] ?? "/tmp")/lifeboat-demo-\(ThisProcess.pid)-\(randomHex(8))"
        try Self.telling("make the folder \(path)") { () throws(FileError) in try Files.makeFolder(path) }
    }

    var configuration: String { "\(path)/lifeboat.yaml" }
    var drill: String { "\(checkout)/drills/monthly.yaml" }
    var runbook: String { "\(checkout)/runbooks/postgres-database.yaml" }
    var vectorsRunbook: String { "\(checkout)/runbooks/qdrant-collection.yaml" }
    var graphRunbook: String { "\(checkout)/runbooks/arangodb-database.yaml" }
    var state: String { "\(path)/state" }
    var passwordFile: String { "\(path)/password" }

    func write(_ name: String, _ text: String, mode: UInt32 = 0o600) throws {
        try Self.telling("write \(path)/\(name)") { () throws(FileError) in
            try Files.create("\(path)/\(name)", Array(text.utf8), mode: mode)
        }
    }

    /// Copies the newest report to where it outlives the demo; nil when there is none.
    func keepReport(of run: String, as name: String) throws -> String? {
        let report = "\(state)/runs/\(run)/report.html"
        guard try Files.status(of: report) != nil else { return nil }
        let folder = "\(checkout)/.build/demo"
        let kept = "\(folder)/\(name)"
        try Self.telling("keep the report as \(kept)") { () throws(FileError) in
            try Files.makeFolders(folder, mode: 0o755)
            try Files.replace(kept, try Files.read(report, limit: 64 << 20), mode: 0o644)
        }
        return kept
    }

    func remove() throws {
        try Self.telling("remove \(path)") { () throws(FileError) in _ = try Files.removeTree(path) }
    }

    private static func telling(_ what: String, _ body: () throws(FileError) -> Void) throws {
        do { try body() } catch { throw Failure(.localStorage, "cannot \(what)", cause: Failure(.localStorage, error.description)) }
    }
}
