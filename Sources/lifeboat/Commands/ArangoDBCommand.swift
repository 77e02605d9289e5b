import Documents
import Engines
import Outlets
import Recovery

/// What people of ArangoDB expect of a tool: looks into folders of arangodump without a server.
struct ArangoDBCommand: Command {
    static let name = "arangodb"
    static let usage = "verify-dump FOLDER… [--dangling-edges allowed|refused]"
    static let summary = "say what dumps of ArangoDB hold, and whether they are whole; without a server"
    static let options = [
        CommandOption(
            "--dangling-edges allowed|refused",
            "whether edges may lead to documents that are not there, as servers let them; refused when left out")
    ]
    static let bearsMistakesOfTheConfiguration = true

    private let folders: [String]
    private let danglingEdges: DumpVerification.Dangling

    init(_ arguments: inout Arguments) throws(Failure) {
        let dangling = try arguments.option("--dangling-edges")
        let verb = try arguments.required("what to do")
        guard verb == "verify-dump" else {
            throw Failure(.usage, "arangodb has no verb '\(verb)'", hint: ["verify-dump"].suggestion(for: verb) ?? "it has verify-dump")
        }
        var folders = [try arguments.required("the folder of a dump")]
        while let folder = arguments.word() { folders.append(folder) }
        self.folders = folders
        switch dangling {
        case nil, "refused": danglingEdges = .refused
        case "allowed": danglingEdges = .allowed
        case let other?:
            throw Failure(
                .usage, "--dangling-edges '\(other)' is neither allowed nor refused",
                hint: "edges that lead nowhere are refused unless allowed")
        }
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let scratch = services.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var rows: [DumpRow] = []
        for folder in folders {
            for row in try await services.interruption.cancelling({ try await look(into: folder, scratch) }) {
                rows.append(row)
                if let failure = row.failure, !failure.isAboutTheBackup {
                    output.complain(failure)
                } else {
                    output.show(DumpPage(row, output.style).text)
                }
            }
        }
        try output.show(json: .dumps, ["dumps": rows])
        return RunOutcome.worst(rows.map(\.outcome)).exitCode(inDrill: false)
    }

    private func look(into path: String, _ scratch: String) async throws -> [DumpRow] {
        let folder: ArangoDumpFolder
        do { folder = try await ArangoDumpFolder.open(path) } catch let failure as Failure { return [DumpRow(path, failure)] }
        var rows: [DumpRow] = []
        for (place, verification) in folder.verifications(scratch: scratch) {
            var verification = verification
            verification.danglingEdges = danglingEdges
            do { rows.append(DumpRow(place, try await verification.run())) } catch let failure as Failure {
                rows.append(DumpRow(place, failure))
            }
        }
        if let stranger = folder.stranger { rows.append(DumpRow(path, stranger)) }
        return rows
    }
}
