import Outlets
import Recovery

/// Removes what dead runs left behind.
struct SweepCommand: Command {
    static let name = "sweep"
    static let usage = "[--dry-run] [--kept]"
    static let summary = "remove processes, containers, folders, temporary files and uploads that dead runs left behind"
    static let options = [
        CommandOption("--dry-run", "shows what would be removed"),
        CommandOption("--kept", "also what finished drills have kept for a look"),
    ]

    private let isDryRun: Bool
    private let includesKept: Bool

    init(_ arguments: inout Arguments) throws(Failure) {
        isDryRun = arguments.flag("--dry-run")
        includesKept = arguments.flag("--kept")
    }

    private struct Row: Encodable {
        let kind: String
        let name: String
        let run: String?
        let removed: Bool
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        var rows: [Row] = []
        var code: Int32 = 0
        let found = try await services.leftovers(includingKept: includesKept)
        for failure in found.unseen {
            output.complain(failure)
            code = 3
        }
        for (leftover, remove) in found.leftovers {
            var removed = false
            if !isDryRun {
                do {
                    try await remove()
                    removed = true
                } catch {
                    output.complain(Failure.wrapping(error, while: "removing \(leftover.words)"))
                    code = 3
                }
            }
            output.show("\(removed ? "removed" : "left") \(leftover.words)")
            rows.append(Row(kind: leftover.kind, name: leftover.name, run: leftover.run?.rawValue, removed: removed))
        }
        // Where some of it was done it is incomplete; where there was nothing to do, the reason is all there is to tell.
        if rows.isEmpty, let failure = found.unseen.first { code = failure.kind.exitCode }
        if rows.isEmpty { output.show(found.unseen.isEmpty ? "Nothing was left behind." : "Nothing was found where it could be looked.") }
        try output.show(json: .sweep, ["dryRun": isDryRun, "leftovers": rows])
        return code
    }
}
