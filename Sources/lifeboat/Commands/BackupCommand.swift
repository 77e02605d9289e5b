import Outlets
import Recovery

/// Takes a backup now.
struct BackupCommand: Command {
    static let name = "backup"
    static let usage = "POLICY [--all]"
    static let summary = "capture the targets of a policy into its store, as one recovery set"
    static let options = [CommandOption("--all", "also the collections that the policy calls private")]

    private let policy: String
    private let takesPrivate: Bool

    init(_ arguments: inout Arguments) throws(Failure) {
        takesPrivate = arguments.flag("--all")
        policy = try arguments.required("the name of a policy")
    }

    func run(_ services: Services, _ output: Output) async throws -> Int32 {
        let taken: BackupTaker.Taken
        do { taken = try await take(services) } catch {
            await tell(Failure.wrapping(error, while: "backup of policy '\(policy)'"), services, output)
            throw error
        }
        if !taken.isComplete {
            await tell(Failure(.damaged, "the backup of policy '\(policy)' is incomplete"), services, output)
        }
        for (name, failure) in taken.failures.sorted(by: { $0.key < $1.key }) {
            output.complain(Failure(failure.kind, "'\(name)' was not captured", cause: failure))
        }
        for manifest in taken.manifests {
            output.show(
                "\(manifest.complete ? "backup" : "INCOMPLETE backup") \(manifest.id.description): \(Readable.bytes(manifest.storedBytes)) (\(Readable.totals(manifest.totals))); recovery point \(manifest.recoveryPoint.text)"
            )
            for problem in manifest.problems { output.show("  not captured: \(problem)") }
        }
        if taken.recovery.hasSeveral { output.show("set \(taken.recovery.words)") }
        try output.show(json: .manifests, ["manifests": taken.manifests, "set": taken.recovery])
        return taken.isComplete ? 0 : 3
    }

    private func take(_ services: Services) async throws -> BackupTaker.Taken {
        let plan = try await services.capture(policy, takingPrivate: takesPrivate)
        do {
            let taken = try await plan.take()
            await plan.close()
            return taken
        } catch {
            await plan.close()
            throw error
        }
    }

    /// A failed backup tells whom its policy names. That nobody could be told never hides why the backup failed.
    private func tell(_ failure: Failure, _ services: Services, _ output: Output) async {
        do { try await services.tell(of: failure, policy: policy) } catch {
            output.complain(Failure.wrapping(error, while: "telling of the failed backup"))
        }
    }
}
