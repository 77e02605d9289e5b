import Documents
import Engines
import Outlets
import Recovery

/// What people of Qdrant expect of a tool: looks into snapshot files without a server.
struct QdrantCommand: Command {
    static let name = "qdrant"
    static let usage = "verify-snapshot FILE… [--for-version X.Y.Z] [--sha256 HEX]"
    static let summary = "say what snapshot files of Qdrant hold, and whether they are whole; without a server"
    static let options = [
        CommandOption("--for-version X.Y.Z", "whether a server of that version can read them"),
        CommandOption(
            "--sha256 HEX", "what the file has to hash to; FILE.checksum and FILE.sha256 are compared by themselves where they are"),
    ]
    static let bearsMistakesOfTheConfiguration = true

    private let files: [String]
    private let version: QdrantVersion?
    private let sha256: String?

    init(_ arguments: inout Arguments) throws(Failure) {
        let version = try arguments.option("--for-version")
        sha256 = try arguments.option("--sha256")
        let verb = try arguments.required("what to do")
        guard verb == "verify-snapshot" else {
            throw Failure(
                .usage, "qdrant has no verb '\(verb)'", hint: ["verify-snapshot"].suggestion(for: verb) ?? "it has verify-snapshot")
        }
        var files = [try arguments.required("the file of a snapshot")]
        while let file = arguments.word() { files.append(file) }
        self.files = files
        if let sha256 {
            guard SnapshotChecksum.isSHA256(sha256) else {
                throw Failure(.usage, "--sha256 '\(sha256)' is no SHA-256", hint: "it has 64 hexadecimal digits")
            }
            guard files.count == 1 else { throw Failure(.usage, "--sha256 is that of one file, and there are \(files.count)") }
        }
        self.version = version.flatMap { QdrantVersion($0) }
        guard self.version != nil || version == nil else {
            throw Failure(.usage, "--for-version '\(version ?? "")' is no version of Qdrant", hint: "it looks like 1.18.3; GET / tells it")
        }
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        var rows: [SnapshotRow] = []
        for file in files {
            let row = try await services.interruption.cancelling { try await look(at: file) }
            rows.append(row)
            if let failure = row.failure, !failure.isAboutTheBackup {
                output.complain(failure)
            } else {
                output.show(SnapshotPage(row, output.style).text)
            }
        }
        try output.show(json: .snapshots, ["files": rows])
        return RunOutcome.worst(rows.map(\.outcome)).exitCode(inDrill: false)
    }

    private func look(at file: String) async throws -> SnapshotRow {
        do {
            let snapshot = try await QdrantSnapshot.read(file)
            var checksums: [CheckResult] = []
            if let sha256 { checksums.append(snapshot.checksum(sha256)) }
            for beside in try await SnapshotChecksum.beside(file) {
                guard let hash = beside.sha256 else {
                    checksums.append(
                        .undetermined("snapshot", "SHA-256", expected: "one in \(beside.path)", because: "there is something else in it"))
                    continue
                }
                checksums.append(snapshot.checksum(hash))
            }
            return SnapshotRow(file, snapshot, checksums, version.map { ($0, snapshot.readable(by: $0)) })
        } catch let failure as Failure {
            return SnapshotRow(file, failure)
        }
    }
}
