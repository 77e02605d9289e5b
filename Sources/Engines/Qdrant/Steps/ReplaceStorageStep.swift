import Bindings
import Documents
import Recovery

/// Puts the staged folder in the place of the server's own.
struct ReplaceStorageStep: Step {
    static let kind = "qdrant.replace-storage"
    static let summary =
        "Put the folder that was staged before in the place of the stopped server's storage folder, which is kept under another name."
    static let phase = Phase.restore
    static let fields = Fields(
        shorthand: "refill",
        Field.required("refill", as: Name.self, literal: true, "role of the backup that was staged"))

    private let role: String

    init(_ node: YAMLNode, _ reading: Reading) throws(InvalidDocument) { role = try Self.fields.read(node, reading).text }

    var uses: StepUses { StepUses(target: .one(.qdrant), backups: [role]) }
    var refill: RefillDeclaration? { .restoredBefore(role) }
    /// What lies on the disk tells how far it got, and it goes on from there.
    var rerun: Rerun { .safe }

    func effects(reading: StepReading) async throws -> [Effect] {
        let target = try reading.target(as: ReadableQdrant.self)
        let folder = try target.requiredStorage()
        let amount: Effect.Amount
        do {
            if try await folder.movable() == nil {
                amount = .absent
            } else {
                let files = try await blocking { flag in try FolderTree.list(folder.path, until: flag) }.filter { $0.status.kind == .file }
                amount = .known(count: Int64(files.count), unit: "files", bytes: files.reduce(0) { $0 + $1.status.bytes })
            }
        } catch is CancellationError { throw CancellationError() } catch {
            amount = .unknown(because: Failure.wrapping(error, while: "looking at \(folder.path)").sentence)
        }
        return [
            Effect(
                .destroy, ObjectName(target: target.binding.name, kind: StorageListing.kind, name: folder.path), amount,
                refill: Effect.Refill(backupRole: role, nameInBackup: StorageListing.name)),
            Effect(
                .change, ObjectName(target: target.binding.name, kind: StageStorageStep.objectKind, name: "beside \(folder.path)"),
                .known(count: nil, unit: nil, bytes: nil)),
        ]
    }

    private enum Memory {
        static let mark = "staged folder"
        static let run = "run"
    }

    func reconcile(reading: StepReading) async throws -> Reconciliation {
        let folder = try reading.target(as: ReadableQdrant.self).requiredStorage()
        guard let mark = reading.remembered[Memory.mark]?.text, let run = reading.remembered[Memory.run]?.text else { return .notDone }
        switch try await StorageReplacement(of: folder, by: RunID(rawValue: run)).state(mark: mark) {
        case .replaced: return .done
        case .untouched: return .notDone
        case .oldIsAside: return .partial("the old storage folder has its new name, and nothing is in its place yet")
        case .cannotTell(let why): return .partial(why)
        }
    }

    func run(in context: StepContext) async throws -> StepResult {
        let target = try context.target(as: QdrantTarget.self)
        let folder = try target.requiredStorage()
        let replacement = StorageReplacement(of: folder, by: context.run)
        let known = context.remembered[Memory.mark]?.text
        if try await replacement.state(mark: known) == .untouched, try await folder.status() != nil {
            try context.mustHaveAgreed(toDestroy: StorageListing.kind, folder.path)
        }
        let live = LiveStorage(client: target.client)
        var notes: [String] = []
        let hadOne = try await replacement.carryOut(mark: known) { mark in
            try await context.remember(Memory.run, .text(context.run.rawValue))
            try await context.remember(Memory.mark, .text(mark))
        } isFree: { folders in
            notes = try await live.refuse(folders, to: "replace")
        }
        var result = StepResult(notes: notes)
        if hadOne {
            let aside = replacement.aside.path
            result.notes.append(
                "what was there is kept in \(aside): remove it when nothing of it is needed any more (rm -r \(aside)); to have it back, stop the server, move \(folder.path) away and \(aside) to \(folder.path)"
            )
            result.facts["kept"] = .text(aside)
        } else {
            result.notes.append("there was no storage folder before")
        }
        result.facts["folder"] = .text(folder.path)
        for (name, fact) in result.facts.sorted(by: { $0.key < $1.key }) { try await context.remember(name, fact) }
        return result
    }
}
